import Configuration
import Daemon
import Discovery
import Model
import Recording

/// What `landfall replay` prints about all its sessions.
struct ReplayReport: CustomStringConvertible {
    /// For programs.
    struct Document: Encodable {
        struct Session: Encodable {
            let path: String
            /// Nil if there are no decisions to compare.
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
            let summary = try events.run { ofEvents.items.append($0) }
            return (summary, try events.verdict(summary))
        }
        timeline = .merged(sessions.map(\.result.timeline) + [ofEvents])
    }

    var isFaithful: Bool { sessions.allSatisfy { $0.result.difference?.isEmpty ?? true } }

    var document: Document {
        Document(
            timeline: timeline.items,
            sessions: sessions.map {
                Document.Session(
                    path: $0.path,
                    decisionsAreThoseRecorded: $0.result.difference?.isEmpty,
                    difference: $0.result.difference?.lines ?? [],
                    strayed: $0.result.deviations,
                    gaps: $0.gaps
                )
            },
            events: events?.summary
        )
    }

    var description: String {
        "\(timeline)\n" + printedLines([""] + sessions.flatMap(verdict) + (events?.verdict ?? []))
    }

    private func verdict(_ session: ReplayedSession) -> [String] {
        let name = sessions.count == 1 ? "" : "\(sanitized(session.path, limit: 200)): "
        let gaps = session.gaps.map { "\(name)a part of the recording is missing: \($0)" }
        guard let difference = session.result.difference else {
            return gaps
                + (hasOtherSettings ? ["\(name)Other settings were tried, so the decisions are not compared."] : [])
        }
        guard !difference.isEmpty else { return gaps + ["\(name)The decisions are those recorded."] }
        return gaps + ["\(name)The decisions differ (- recorded, + now):"] + difference.lines
            + session.result.deviations
    }
}

/// A session of a recording, replayed.
struct ReplayedSession {
    let path: String
    let result: Replay.Result
    /// The gaps that the recording mentions.
    let gaps: [String]

    static func all(in input: InputFile, _ changes: Replay.Changes) throws -> [ReplayedSession] {
        try RecordedSession.all(in: input).map { session in
            ReplayedSession(
                path: input.path,
                result: try Replay(session, changes).run(),
                gaps: session.gaps.map(\.reason)
            )
        }
    }
}

/// Files of the engine's events, replayed as one.
struct ReplayedEvents {
    private let inputs: [InputFile]
    private let options: ReplayOptions

    /// Nil if there is no such file.
    init?(_ inputs: [InputFile], _ options: ReplayOptions) {
        guard !inputs.isEmpty else { return nil }
        (self.inputs, self.options) = (inputs, options)
    }

    func run(_ show: (Timeline.Item) -> Void) throws -> EventReplay.Summary {
        let configuration = try Startup.configuration()
        var replay = EventReplay(
            inputs,
            hostLabels: configuration.discovery.hostLabels,
            quiet: options.changes.quiet ?? configuration.schedule.quiet,
            maximumWait: options.changes.maximumWait ?? configuration.schedule.maximumWait
        )
        let summary = try replay.run(until: options.changes.end, show)
        guard summary.events > 0 else {
            let paths = inputs.map { sanitized($0.path, limit: 200) }.joined(separator: ", ")
            throw UsageError("\(paths) holds neither a recording nor events of the engine, a line of JSON each")
        }
        return summary
    }

    func verdict(_ summary: EventReplay.Summary) throws -> [String] {
        let count = "events: \(summary.events), triggers: \(summary.triggers), runs: \(summary.runs)"
        let unreadable = summary.unreadable > 0 ? "; \(summary.unreadable) lines are not events and were skipped" : ""
        guard let path = options.services else { return [count + unreadable] }
        let hosts = try requestedHosts(servicesIn: path, Startup.configuration().discovery)
        return [count + unreadable, "", "The hosts that every run would find requested:"] + hosts
    }
}
