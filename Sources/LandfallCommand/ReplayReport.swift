import Model
import Recording

/// What `landfall replay` has to say about all its files.
struct ReplayReport: CustomStringConvertible {
    /// For programs.
    struct Document: Encodable {
        struct File: Encodable {
            let path: String
            /// Nil where there are no decisions to compare.
            let decisionsAreThoseRecorded: Bool?
            let difference: [String]
            let strayed: [String]
            let gaps: [String]
        }

        let timeline: [Timeline.Item]
        let files: [File]
        let events: EventReplay.Summary?
    }

    private let files: [ReplayedFile]
    private let hasOtherSettings: Bool
    private let timeline: Timeline
    private let events: (summary: EventReplay.Summary, verdict: [String])?

    init(_ files: [ReplayedFile], _ events: ReplayedEvents?, hasOtherSettings: Bool) throws {
        (self.files, self.hasOtherSettings) = (files, hasOtherSettings)
        var ofEvents = Timeline()
        self.events = try events.map { events in
            let summary = try events.run { ofEvents.append($0) }
            return (summary, try events.verdict(summary))
        }
        timeline = .merged(files.map(\.timeline) + [ofEvents])
    }

    var isFaithful: Bool { files.allSatisfy { $0.difference?.isEmpty ?? true } }

    var document: Document {
        Document(
            timeline: timeline.items,
            files: files.map {
                Document.File(
                    path: $0.path,
                    decisionsAreThoseRecorded: $0.difference?.isEmpty,
                    difference: $0.difference?.lines ?? [],
                    strayed: $0.strayed,
                    gaps: $0.gaps
                )
            },
            events: events?.summary
        )
    }

    var description: String {
        ([timeline.description, ""] + files.flatMap(verdict) + (events?.verdict ?? [])).joined(separator: "\n")
    }

    private func verdict(_ file: ReplayedFile) -> [String] {
        let name = files.count == 1 ? "" : "\(oneLine(file.path, limit: 200)): "
        let gaps = file.gaps.map { "\(name)a part of the recording is missing: \($0)" }
        guard let difference = file.difference else {
            return gaps
                + (hasOtherSettings ? ["\(name)Other settings were tried, so the decisions are not compared."] : [])
        }
        guard !difference.isEmpty else { return gaps + ["\(name)The decisions are those recorded."] }
        return gaps + ["\(name)The decisions differ (- recorded, + now):"] + difference.lines + file.strayed
    }
}
