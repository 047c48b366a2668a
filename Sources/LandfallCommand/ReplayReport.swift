import Daemon
import Model
import Recording

/// What `landfall replay` has to say about all its sessions.
struct ReplayReport: CustomStringConvertible {
    /// For programs.
    struct Document: Encodable {
        struct Session: Encodable {
            let path: String
            /// Nil where there are no decisions to compare.
            let decisionsAreThoseRecorded: Bool?
            let difference: [String]
            let strayed: [String]
            let gaps: [String]
        }

        let timeline: [Timeline.Item]
        let sessions: [Session]
        let events: EventReplay.Summary?
    }

    private let sessions: [ReplayedSession]
    private let hasOtherSettings: Bool
    private let timeline: Timeline
    private let events: (summary: EventReplay.Summary, verdict: [String])?

    init(_ sessions: [ReplayedSession], _ events: ReplayedEvents?, hasOtherSettings: Bool) throws {
        (self.sessions, self.hasOtherSettings) = (sessions, hasOtherSettings)
        var ofEvents = Timeline()
        self.events = try events.map { events in
            let summary = try events.run { ofEvents.append($0) }
            return (summary, try events.verdict(summary))
        }
        timeline = .merged(sessions.map(\.timeline) + [ofEvents])
    }

    var isFaithful: Bool { sessions.allSatisfy { $0.difference?.isEmpty ?? true } }

    var document: Document {
        Document(
            timeline: timeline.items,
            sessions: sessions.map {
                Document.Session(
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
        ([timeline.description, ""] + sessions.flatMap(verdict) + (events?.verdict ?? [])).joined(separator: "\n")
    }

    private func verdict(_ session: ReplayedSession) -> [String] {
        let name = sessions.count == 1 ? "" : "\(sanitized(session.path, limit: 200)): "
        let gaps = session.gaps.map { "\(name)a part of the recording is missing: \($0)" }
        guard let difference = session.difference else {
            return gaps
                + (hasOtherSettings ? ["\(name)Other settings were tried, so the decisions are not compared."] : [])
        }
        guard !difference.isEmpty else { return gaps + ["\(name)The decisions are those recorded."] }
        return gaps + ["\(name)The decisions differ (- recorded, + now):"] + difference.lines + session.strayed
    }
}
