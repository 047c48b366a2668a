import Certificates
import Model
import Pipeline

/// What is known of a name, for a person. The marks are those of a plan.
struct ExplanationText: CustomStringConvertible {
    private let explanation: Explanation

    init(_ explanation: Explanation) {
        self.explanation = explanation
    }

    var description: String {
        let lines: [(title: String, text: String)] =
            askers.map { ("asked for by", $0) } + [("zone", zone)] + standing.map { ("stands", $0) }
            + explanation.records.map { ("record", PlanText.line($0)) }
            + explanation.certificates.map { ("certificate", PlanText.line($0)) }
            + explanation.limits.map { ("limits", $0.description) } + explanation.refusals.map { ("label", "! \($0)") }
            + explanation.hints.map { ("hint", $0) }
            + similar.map { ("did you mean", $0) } + explanation.problems.map { ("not seen", "? \($0)") }
            + [("so", conclusion)]
        var last = ""
        let rows = lines.map { title, text in
            defer { last = title }
            return "  \(Terminal.padded(title == last ? "" : title, 14))\(text)"
        }
        return ([explanation.name.text] + rows).joined(separator: "\n")
    }

    private var askers: [String] {
        let askers = explanation.askers.map { asker in
            "\(sanitized("\(asker.origin)", limit: 100)), \(sanitized(asker.label, limit: 60)): record: \(asker.record); "
                + "certificate: \(asker.certificate)"
        }
        return askers.isEmpty ? ["nobody whose labels are read"] : askers
    }

    private var zone: String {
        guard let zone = explanation.zone else { return "none that may be touched" }
        return "\(zone) at \(explanation.provider ?? "")"
    }

    private var standing: [String] {
        guard let standing = explanation.standing else { return ["not known"] }
        guard !standing.isEmpty else { return ["nothing"] }
        return standing.map { record in
            let options = (record.proxied == true ? " proxied" : "") + (record.ttl.map { " ttl \($0)" } ?? "")
            return "\(record.type) \(sanitized(record.content, limit: 100))\(options), \(Self.maker(of: record))"
        }
    }

    private static func maker(of record: Explanation.Record) -> String {
        guard let instance = record.instance else { return "not made by Landfall" }
        return record.isOurs ? "made by this Landfall" : "made by the Landfall instance `\(instance)`"
    }

    private var similar: [String] {
        explanation.similar.isEmpty ? [] : [explanation.similar.map(\.text).joined(separator: ", ")]
    }

    private var conclusion: String {
        let actions = Set(explanation.records.map(\.action) + explanation.certificates.map(\.action))
        if !actions.isDisjoint(with: [.create, .update, .delete, .issue, .renew]) { return "the next run changes it" }
        if actions.contains(.refuse) { return "nothing is done until a person acts on what is refused" }
        if actions.contains(.wait) { return "nothing is done while something cannot be seen" }
        if actions.contains(.hold) { return "nothing is done yet" }
        guard explanation.askers.isEmpty else { return "all is as it shall be" }
        return explanation.problems.isEmpty ? "nothing is done, for nobody asks for it" : "nobody is seen to ask for it"
    }
}
