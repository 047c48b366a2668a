import Daemon
import Model
import Recording

struct ReplayCommand: Subcommand {
    static let name = "replay"
    static let summary = "Replays a recording, without touching anything."
    static let help = """
        Usage: landfall replay [OPTIONS] FILE…

        Runs the same code with the recorded answers, without waiting, and prints what happened: events, triggers, runs,
        stages and outcomes. Then it says whether the decisions are the recorded ones. Nothing outside is read or
        changed. `-` is the standard input.

        A FILE is a recording (`landfall record`, LANDFALL_RECORD) or the engine's events, a line each, as
        `docker events --format '{{json .}}'` prints them: then it shows which of them trigger a run, and when it begins.
        Several files become one timeline.

          --until WHEN        ends there: a time (2026-11-24T03:37:00Z), or a duration from the beginning (90s, 5m)
          --quiet D           tries another LANDFALL_QUIET
          --max-wait D        tries another LANDFALL_MAX_WAIT
          --services FILE     with events: the body of the engine's /services, to show which hosts they request
          --diagram LANGUAGE  writes the sequence diagram of a run instead: mermaid or plantuml
          --run N             which run of the recording; by default the last one that changed something
          --json              prints the timeline as JSON

        Exit status: 0 when the decisions are the recorded ones, or there are none to compare, 2 when the arguments are wrong
        or a file cannot be read, 3 when the decisions differ.
        """

    private let options: ReplayOptions

    init(arguments: [String]) throws(UsageError) { options = try ReplayOptions(arguments) }

    func run() async -> Int32 {
        do {
            let inputs = try options.files.map { path throws(RecordingError) in try InputFile(path) }
            if let language = options.diagram { return try diagram(of: inputs[0], in: language) }
            let sessions = try inputs.filter(\.isRecording).flatMap { try ReplayedSession.all(in: $0, options.changes) }
            let events = ReplayedEvents(inputs.filter { !$0.isRecording }, options)
            if options.services != nil, events == nil {
                throw UsageError("--services is for the engine's events; a recording holds its services")
            }
            return try show(sessions, events)
        } catch let error as UsageError {
            Terminal.error("landfall replay: \(error.text)")
            return ExitStatus.misuse
        } catch {
            Terminal.error("landfall replay: \(error)")
            return ExitStatus.misuse
        }
    }

    private func diagram(of input: InputFile, in language: SequenceDiagram.Language) throws -> Int32 {
        guard input.isRecording else {
            throw UsageError("--diagram takes a recording, and \(Terminal.plain(input.path)) is not one")
        }
        let sessions = try RecordedSession.all(in: input)
        guard let diagram = SequenceDiagram(of: sessions, run: options.run, in: language) else {
            let count = sessions.reduce(0) { $0 + $1.runs.count }
            throw UsageError("the recording has \(count) runs, and none with that number")
        }
        Terminal.print(diagram.description)
        return ExitStatus.success
    }

    private func show(_ sessions: [ReplayedSession], _ events: ReplayedEvents?) throws -> Int32 {
        if sessions.isEmpty, !options.asJSON, let events {
            // There may be millions of events: they are shown as they are read.
            var writer = TimelineWriter()
            let summary = try events.run { Terminal.print(writer.lines($0).joined(separator: "\n")) }
            Terminal.print(try events.verdict(summary).joined(separator: "\n"))
            return ExitStatus.success
        }
        let report = try ReplayReport(sessions, events, hasOtherSettings: options.changes.hasOtherSettings)
        Terminal.print(options.asJSON ? json(report.document) : report.description)
        return report.isFaithful ? ExitStatus.success : ExitStatus.difference
    }
}

/// The arguments of `landfall replay`.
struct ReplayOptions {
    let files: [String]
    let changes: Replay.Changes
    let services: String?
    let diagram: SequenceDiagram.Language?
    let run: Int?
    let asJSON: Bool

    init(_ arguments: [String]) throws(UsageError) {
        let options: Set = ["--until", "--quiet", "--max-wait", "--services", "--diagram", "--run"]
        let arguments = try Arguments(arguments, flags: ["--json"], options: options)
        let duration = "a duration: 500ms, 5s, 2m"
        let time = "a duration from the beginning (90s, 5m) or a time (2026-11-24T03:37:00Z)"
        (files, asJSON) = (arguments.operands, arguments.has("--json"))
        changes = Replay.Changes(
            end: try arguments.value("--until", takes: time, Self.end),
            quiet: try arguments.value("--quiet", takes: duration) { Duration(text: $0) },
            maximumWait: try arguments.value("--max-wait", takes: duration) { Duration(text: $0) }
        )
        services = try arguments.value("--services", takes: "a file") { $0 }
        run = try arguments.value("--run", takes: "a number from 1 on") { Int($0).flatMap { $0 > 0 ? $0 : nil } }
        diagram = try arguments.value("--diagram", takes: "`mermaid` or `plantuml`") { .init(rawValue: $0) }
        guard !files.isEmpty else { throw UsageError("it needs a file to replay") }
        if asJSON, diagram != nil { throw UsageError("only one of --json and --diagram can be given") }
        if run != nil, diagram == nil { throw UsageError("--run is for --diagram") }
        if diagram != nil, files.count > 1 { throw UsageError("--diagram takes one file") }
    }

    private static func end(_ value: String) -> ReplayEnd? {
        if let duration = Duration(text: value) { return .after(duration) }
        let withMilliseconds = value.hasSuffix("Z") && !value.contains(".") ? value.dropLast() + ".000Z" : value[...]
        return Timestamp(String(withMilliseconds)).map { .at($0) }
    }
}
