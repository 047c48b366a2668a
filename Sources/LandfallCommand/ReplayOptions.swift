import Daemon
import Model
import Recording

/// The arguments of `landfall replay`.
struct ReplayOptions {
    let files: [String]
    let end: ReplayEnd?
    let quiet: Duration?
    let maximumWait: Duration?
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
        end = try arguments.value("--until", takes: time, Self.end)
        quiet = try arguments.value("--quiet", takes: duration) { Duration(text: $0) }
        maximumWait = try arguments.value("--max-wait", takes: duration) { Duration(text: $0) }
        services = try arguments.value("--services", takes: "a file") { $0 }
        run = try arguments.value("--run", takes: "a number from 1 on") { Int($0).flatMap { $0 > 0 ? $0 : nil } }
        diagram = try arguments.value("--diagram", takes: "`mermaid` or `plantuml`") { .init(rawValue: $0) }
        guard !files.isEmpty else { throw UsageError("it needs a file to replay") }
        if asJSON, diagram != nil { throw UsageError("only one of --json and --diagram can be given") }
        if run != nil, diagram == nil { throw UsageError("--run is for --diagram") }
        if diagram != nil, files.count > 1 { throw UsageError("--diagram takes one file") }
    }

    var hasOtherSettings: Bool { quiet != nil || maximumWait != nil }

    var changes: Replay.Changes { Replay.Changes(end: end, quiet: quiet, maximumWait: maximumWait) }

    private static func end(_ value: String) -> ReplayEnd? {
        if let duration = Duration(text: value) { return .after(duration) }
        let withMilliseconds = value.hasSuffix("Z") && !value.contains(".") ? value.dropLast() + ".000Z" : value[...]
        return Timestamp(String(withMilliseconds)).map { .at($0) }
    }
}
