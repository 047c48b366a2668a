import Model
import Ports
import Report
import Timing

extension Decision {
    /// The decision as text, without anything that depends on the speed of a machine: two replays of one recording give the
    /// same lines, and so does the recording itself.
    var lines: [String] {
        switch content {
        case .triggered(let reason): ["trigger  \(reason)"]
        case .began(let cause): ["run      \(cause.text)"]
        case .ended(let report): report.lines
        }
    }
}

extension RunCause {
    package var text: String {
        let coalesced = triggers == 1 ? "" : " (\(triggers) triggers)"
        return reasons.joined(separator: ", ") + coalesced
    }
}

extension Report {
    var lines: [String] {
        let records = hosts.compactMap { host in
            host.record.map { Self.line("record", host.name.text, $0.outcome, $0.current) }
        }
        let certificates = certificates.map {
            Self.line("certificate", $0.lineage, $0.outcome, $0.notAfter.map { "until \($0.day)" })
        }
        let signals = signals.map { Self.line("signal", "\($0.signal) → \($0.name)", $0.outcome, nil) }
        let serving = self.serving.map {
            "  serving     \($0.host): \($0.reason ?? "served at \($0.endpoint)")"
        }
        let secrets = self.secrets.map { Self.line("secret", $0.service, $0.outcome, nil) }
        let others = secrets + serving + refusals.map { "  label       \($0)" } + hints.map { "  hint        \($0)" }
        let problems = problems.map { "  problem     \($0.stage): \($0.text)" }
        let deletions = [deletions].compactMap(\.self).map {
            "  deletions   \($0.code): \($0.records.count) \($0.isConfirmed ? "confirmed" : "held")"
        }
        let end = "ended    \(changes) changed, \(failures) failed\(isDryRun ? ", dry run" : "")"
        return records + certificates + signals + others + deletions + problems + [end]
    }

    private static func line(_ stage: String, _ subject: String, _ outcome: Outcome, _ standing: String?) -> String {
        let stage = stage + String(repeating: " ", count: max(1, 12 - stage.count))
        let words = [outcome.word, outcome.detail].compactMap { $0 }.joined(separator: ": ")
        return "  \(stage)\(subject): \(words)\(standing.map { " [\($0)]" } ?? "")"
    }
}
