import Daemon
import Model
import Recording

struct ReplayCommand: Subcommand {
    static let name = "replay"
    static let summary = "Lives through a recording again, without touching anything."
    static let help = """
        Usage: landfall replay [OPTIONS] FILE…

        Runs the same code on what was recorded, in time that passes only by itself, and prints what happened: events, what
        the debounce made of them, runs, stages and outcomes. Then it says whether the decisions are those that were
        recorded. Nothing outside is asked or touched. `-` is the standard input.

        A FILE is a recording (`landfall record`, LANDFALL_RECORD) or the engine's events, a line each, as
        `docker events --format '{{json .}}'` prints them: then it shows which of them ask for a run, and when it comes.
        Several files become one timeline.

          --until WHEN        ends there: a time (2026-11-24T03:37:00Z), or a duration from the beginning (90s, 5m)
          --quiet D           tries another LANDFALL_QUIET
          --max-wait D        tries another LANDFALL_MAX_WAIT
          --services FILE     with events: the body of the engine's /services, to show what its labels ask for
          --diagram LANGUAGE  writes the sequence diagram of a run instead: mermaid or plantuml
          --run N             which run of the recording; the last one that changed something unless said
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
            let sessions = try inputs.filter(\.isRecording).flatMap { try ReplayedSession.all(in: $0, options) }
            let events = ReplayedEvents(inputs.filter { !$0.isRecording }, options)
            if options.services != nil, events == nil {
                throw UsageError("--services goes with the engine's events; a recording holds what the services were")
            }
            return try tell(sessions, events)
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
            Terminal.error("landfall replay: --diagram takes a recording, and \(Terminal.plain(input.path)) is none")
            return ExitStatus.misuse
        }
        let sessions = try RecordedSession.all(in: input)
        guard let diagram = SequenceDiagram(of: sessions, run: options.run, in: language) else {
            let count = sessions.reduce(0) { $0 + $1.runs.count }
            Terminal.error("landfall replay: the recording has \(count) runs, and none of that number")
            return ExitStatus.misuse
        }
        Terminal.print(diagram.description)
        return ExitStatus.success
    }

    private func tell(_ sessions: [ReplayedSession], _ events: ReplayedEvents?) throws -> Int32 {
        if sessions.isEmpty, !options.asJSON, let events {
            // Of events there may be millions: they are told as they are read.
            var writer = TimelineWriter()
            let summary = try events.run { Terminal.print(writer.lines($0).joined(separator: "\n")) }
            Terminal.print(try events.verdict(summary).joined(separator: "\n"))
            return ExitStatus.success
        }
        let report = try ReplayReport(sessions, events, hasOtherSettings: options.hasOtherSettings)
        Terminal.print(options.asJSON ? json(report.document) : report.description)
        return report.isFaithful ? ExitStatus.success : ExitStatus.difference
    }
}
