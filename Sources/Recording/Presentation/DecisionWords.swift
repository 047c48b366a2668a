import Model
import Ports
import Records
import Report
import Timing

extension Decision {
    /// What was decided, a line each, without anything that depends on how fast a machine is: two replays of one recording
    /// say the same, and so does the recording itself.
    var words: [String] {
        switch content {
        case .triggered(let reason): ["trigger  \(reason)"]
        case .began(let cause): ["run      \(cause.words)"]
        case .ended(let report): report.words
        }
    }
}

extension RunCause {
    var words: String {
        let coalesced = triggers == 1 ? "" : " (\(triggers) triggers)"
        return reasons.joined(separator: ", ") + coalesced
    }
}

extension Report {
    var words: [String] {
        let records = hosts.compactMap { host in
            host.record.map { Self.line("record", host.name.text, $0.outcome, $0.standing) }
        }
        let certificates = certificates.map {
            Self.line("certificate", $0.lineage, $0.outcome, $0.notAfter.map { "until \($0.day)" })
        }
        let signals = signals.map { Self.line("signal", "\($0.signal) → \($0.name)", $0.outcome, nil) }
        let serving = (self.serving ?? []).map {
            "  serving     \($0.host): \($0.trouble ?? "served at \($0.endpoint)")"
        }
        let secrets = (self.secrets ?? []).map { Self.line("secret", $0.service, $0.outcome, nil) }
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
