import DNS
import Log
import Model
import Pipeline
import Ports
import Records
import Report

/// One log line for every run. What a run changed or met is told by the notices, once; here it is detail, except for a
/// dry run, which tells nobody else.
struct RunLog: RunObserver {
    /// Of what changed, and of what failed, at the most so many are named.
    private static let clauses = 10

    private let log: Logger
    private let budgets: @Sendable () -> [RequestBudget]

    /// - Parameter budgets: what the providers' requests amount to by now.
    init(_ log: Logger, budgets: @escaping @Sendable () -> [RequestBudget] = { [] }) {
        (self.log, self.budgets) = (log, budgets)
    }

    func ended(_ report: Report, at time: Duration) {
        let level: Logger.Level = report.isDryRun ? .info : .debug
        for host in report.hosts {
            write(level, "record", host.record?.outcome, of: host.name.text)
        }
        for certificate in report.certificates {
            write(level, "certificate", certificate.outcome, of: certificate.lineage)
        }
        for signal in report.signals { write(level, "signal \(signal.signal)", signal.outcome, of: signal.name) }
        for secret in report.secrets ?? [] { write(level, "secret", secret.outcome, of: secret.service) }
        for serving in report.serving ?? [] {
            write(level, "serving", serving.trouble.map(Outcome.failed), of: serving.host.text)
        }
        for refusal in report.refusals { log.log(level, "label refused", ["error.message": refusal.description]) }
        for hint in report.hints { log.log(level, "hint", ["error.message": hint]) }
        if let deletions = report.deletions {
            log.log(level, "deletions", ["code": deletions.code, "records": deletions.records.joined(separator: ", ")])
        }
        for problem in report.problems {
            log.log(level, "could not see", ["event.action": problem.stage, "error.message": problem.text])
        }
        let took = Duration.milliseconds(Int((report.duration * 1000).rounded()))
        log.info(
            "run ended",
            [
                "event.reason": report.reasons.joined(separator: ", "), "triggers": "\(report.triggers)",
                "waited": "\(report.waited)", "reach": report.reach.rawValue, "took": took.readable,
                // In nanoseconds, as the schema has it.
                "event.duration": "\(took.nanoseconds)",
                "hosts": "\(report.hosts.count)", "changed": "\(report.changes)", "failed": "\(report.failures)",
                "changes": report.changeClauses.shortened(to: Self.clauses).joined(separator: "; "),
                "failures": report.failureClauses.shortened(to: Self.clauses).joined(separator: "; "),
                "event.outcome": report.isClean ? "success" : "failure", "dry_run": "\(report.isDryRun)",
                "requests": budgets().map(\.description).joined(separator: ", "),
            ]
        )
    }

    private func write(_ level: Logger.Level, _ subject: String, _ outcome: Outcome?, of name: String) {
        guard let outcome, outcome != .unchanged else { return }
        let fields: Logger.Fields = [
            "subject": name, "event.action": subject, "event.outcome": outcome.word, "detail": outcome.detail ?? "",
        ]
        log.log(level, "outcome", fields)
    }
}
