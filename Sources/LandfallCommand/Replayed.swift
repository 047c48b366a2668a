import Configuration
import Daemon
import Discovery
import Model
import Recording

/// A session of a recording, replayed.
struct ReplayedSession {
    let path: String
    let timeline: Timeline
    /// Nil where there are no decisions to compare.
    let difference: DecisionDifference?
    /// What was asked otherwise than in the recording.
    let strayed: [String]
    /// What the recording says is missing in it.
    let gaps: [String]

    static func all(in input: InputFile, _ options: ReplayOptions) throws -> [ReplayedSession] {
        try RecordedSession.all(in: input).map { try ReplayedSession($0, of: input.path, options) }
    }

    private init(_ recording: RecordedSession, of path: String, _ options: ReplayOptions) throws {
        let result = try Replay(recording, options.changes).run()
        self.path = path
        timeline = result.timeline
        difference = result.difference
        strayed = result.strayed
        gaps = recording.gaps.map(\.reason)
    }
}

/// Files of the engine's events, replayed as one.
struct ReplayedEvents {
    private let inputs: [InputFile]
    private let options: ReplayOptions

    /// Nil where there is no such file.
    init?(_ inputs: [InputFile], _ options: ReplayOptions) {
        guard !inputs.isEmpty else { return nil }
        (self.inputs, self.options) = (inputs, options)
    }

    func run(_ tell: (Timeline.Item) -> Void) throws -> EventReplay.Summary {
        let configuration = try Startup.configuration()
        var replay = EventReplay(
            inputs,
            hostLabels: configuration.discovery.hostLabels,
            quiet: options.quiet ?? configuration.schedule.quiet,
            maximumWait: options.maximumWait ?? configuration.schedule.maximumWait
        )
        let summary = try replay.run(until: options.end, tell)
        guard summary.events > 0 else {
            let paths = inputs.map { sanitized($0.path, limit: 200) }.joined(separator: ", ")
            throw UsageError("\(paths) holds neither a recording nor events of the engine, a line of JSON each")
        }
        return summary
    }

    func verdict(_ summary: EventReplay.Summary) throws -> [String] {
        let count = "events: \(summary.events), asking for a run: \(summary.triggers), runs: \(summary.runs)"
        let unreadable = summary.unreadable > 0 ? "; \(summary.unreadable) lines are no events and were skipped" : ""
        return [count + unreadable] + (try wanted())
    }

    /// What the labels ask for, where somebody gave the services.
    private func wanted() throws -> [String] {
        guard let path = options.services else { return [] }
        let rules = try Startup.configuration().discovery
        return ["", "What every run would find wanted:"] + (try WantedHosts(servicesIn: path, rules: rules).lines)
    }
}
