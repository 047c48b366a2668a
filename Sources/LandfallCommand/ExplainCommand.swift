import Configuration
import Daemon
import Discovery
import Model
import Report

struct ExplainCommand: Subcommand {
    static let name = "explain"
    static let summary = "Explains a name: which label requests it, what DNS has, and what will happen next."
    static let help = """
        Usage: landfall explain NAME [--json]

        Explains one name: the services and labels that request it, its zone and provider, what DNS has now, its certificate,
        and why something or nothing will happen. Asks the running daemon if there is one. Changes nothing.

          --json   prints it as JSON

        Exit status: 0 when everything could be read, 1 when something could not, 2 when the arguments or the configuration
        are wrong.
        """

    private let text: String
    private let asJSON: Bool

    init(arguments: [String]) throws(UsageError) {
        let arguments = try Arguments(arguments, flags: ["--json"])
        (text, asJSON) = (try arguments.operand("a name"), arguments.has("--json"))
    }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        let name = try fullName(text, below: configuration.discovery.defaultDomain)
        let run = SingleRun(configuration, log: Startup.commandLog(configuration.logging))
        let explanation = try await run.explain(name)
        Terminal.print(asJSON ? json(explanation) : ExplanationText(explanation).description)
        return explanation.problems.isEmpty ? ExitStatus.success : ExitStatus.failure
    }
}

/// What is known of a name, for a person. The marks are those of a plan.
struct ExplanationText: CustomStringConvertible {
    private let explanation: Explanation

    init(_ explanation: Explanation) { self.explanation = explanation }

    var description: String {
        let lines: [(title: String, text: String)] =
            askers.map { ("requested by", $0) } + [("zone", zone(explanation.zone, explanation.provider))]
            + described(explanation.current).map { ("in DNS", $0) } + inside
            + explanation.records.map { ("record", $0.planText) }
            + explanation.certificates.map { ("certificate", $0.planText) }
            + explanation.limits.map { ("CA limit", $0.description) }
            + explanation.serving.compactMap { serving in serving.reason.map { ("served", "✗ not served: \($0)") } }
            + explanation.refusals.map { ("label", "! \($0)") }
            + explanation.hints.map { ("hint", $0) } + similar.map { ("did you mean", $0) }
            + explanation.problems.map { ("not readable", "? \($0)") } + [("result", explanation.verdict)]
        var last = ""
        let rows = lines.map { title, text in
            defer { last = title }
            return "  \(Terminal.padded(title == last ? "" : title, 14))\(text)"
        }
        return printedLines([explanation.name.text] + rows)
    }

    private var askers: [String] {
        let askers = explanation.askers.map { asker in
            let part = asker.part.map { " (\($0))" } ?? ""
            let reason = asker.reason.map { " (\($0))" } ?? ""
            return "\(sanitized("\(asker.origin)", limit: 100)), \(sanitized(asker.label, limit: 60))\(part): "
                + "record: \(asker.record); certificate: \(asker.certificate)\(reason)"
        }
        return askers.isEmpty ? ["no label that Landfall can read"] : askers
    }

    private var inside: [(String, String)] {
        guard let inside = explanation.inside else { return [] }
        return [("internal zone", zone(inside.zone, inside.provider))]
            + (inside.zone == nil ? [] : described(inside.current).map { ("there in DNS", $0) })
    }

    private func zone(_ zone: DomainName?, _ provider: String?) -> String {
        zone.map { "\($0) at \(provider ?? "")" } ?? "none that Landfall may change"
    }

    private func described(_ current: [Explanation.Record]?) -> [String] {
        guard let current else { return ["unknown"] }
        guard !current.isEmpty else { return ["nothing"] }
        return current.map { record in
            let options = (record.proxied == true ? " proxied" : "") + (record.ttl.map { " ttl \($0)" } ?? "")
            return "\(record.type) \(sanitized(record.content, limit: 100))\(options), \(Self.creator(of: record))"
        }
    }

    private static func creator(of record: Explanation.Record) -> String {
        guard let instance = record.instance else { return "not created by Landfall" }
        return record.isOurs ? "created by this Landfall" : "created by the Landfall instance `\(instance)`"
    }

    private var similar: [String] {
        explanation.similar.isEmpty ? [] : [explanation.similar.map(\.text).joined(separator: ", ")]
    }
}
