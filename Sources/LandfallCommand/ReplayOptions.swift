import Daemon
import Model
import Recording

/// The arguments of `landfall replay`.
struct ReplayOptions {
    private(set) var files: [String] = []
    private(set) var end: ReplayEnd?
    private(set) var quiet: Duration?
    private(set) var maximumWait: Duration?
    private(set) var services: String?
    private(set) var diagram: SequenceDiagram.Language?
    private(set) var run: Int?
    private(set) var asJSON = false

    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                files.append(argument)
                continue
            }
            if argument == "--json" {
                asJSON = true
                continue
            }
            guard Self.names.contains(argument) else {
                throw UsageError("`\(Terminal.plain(argument))` is no option of it")
            }
            guard let value = rest.popFirst() else { throw UsageError("\(argument) needs a value") }
            try take(argument, value)
        }
        guard !files.isEmpty else { throw UsageError("it needs a file to replay") }
        if asJSON, diagram != nil { throw UsageError("--json and --diagram are both given; keep one") }
        if run != nil, diagram == nil { throw UsageError("--run goes with --diagram") }
        if diagram != nil, files.count > 1 { throw UsageError("--diagram takes one file") }
    }

    var hasOtherSettings: Bool { quiet != nil || maximumWait != nil }

    var wishes: Replay.Wishes {
        var wishes = Replay.Wishes()
        (wishes.end, wishes.quiet, wishes.maximumWait) = (end, quiet, maximumWait)
        return wishes
    }

    private static let names: Set = ["--until", "--quiet", "--max-wait", "--services", "--diagram", "--run"]

    private mutating func take(_ option: String, _ value: String) throws(UsageError) {
        switch option {
        case "--until": end = try Self.end(value)
        case "--quiet": quiet = try Self.duration(option, value)
        case "--max-wait": maximumWait = try Self.duration(option, value)
        case "--services": services = value
        case "--run":
            guard let number = Int(value), number > 0 else { throw UsageError("--run takes a number from 1 on") }
            run = number
        default:
            guard let language = SequenceDiagram.Language(rawValue: value) else {
                throw UsageError("--diagram takes `mermaid` or `plantuml`")
            }
            diagram = language
        }
    }

    private static func duration(_ option: String, _ value: String) throws(UsageError) -> Duration {
        guard let duration = Duration(text: value) else {
            throw UsageError("\(option) takes a duration: 500ms, 5s, 2m")
        }
        return duration
    }

    private static func end(_ value: String) throws(UsageError) -> ReplayEnd {
        if let duration = Duration(text: value) { return .after(duration) }
        let withMilliseconds = value.hasSuffix("Z") && !value.contains(".") ? value.dropLast() + ".000Z" : value[...]
        guard let time = Timestamp(String(withMilliseconds)) else {
            throw UsageError("--until takes a duration from the beginning (90s, 5m) or a time (2026-11-24T03:37:00Z)")
        }
        return .at(time)
    }
}
