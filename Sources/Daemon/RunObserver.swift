import Log
import Model
import Report
import Timing

/// Observes everything that a session decides and does, when it happens. It must not block. Times are the clock's `uptime`.
protocol RunObserver: Sendable {
    /// A run is requested from outside; the timer does not count, because it is part of the decision.
    func triggered(_ trigger: Trigger, at time: Duration)
    /// No run is due before `time` unless something happens.
    func waiting(until time: Duration)
    /// A run begins, which was due at `time`.
    func began(_ cause: RunCause, at time: Duration)
    /// The run in flight has made progress.
    func progressed(_ progress: Progress)
    func ended(_ report: Report, at time: Duration)
}

extension RunObserver {
    func triggered(_ trigger: Trigger, at time: Duration) {}
    func waiting(until time: Duration) {}
    func began(_ cause: RunCause, at time: Duration) {}
    func progressed(_ progress: Progress) {}
    func ended(_ report: Report, at time: Duration) {}
}

/// Logs one line for every run. Changes and failures are details here, except for a dry run, which sends no notices.
struct RunLog: RunObserver {
    /// How many changes and failures are named at most.
    private static let clauses = 10

    private let log: Logger

    init(_ log: Logger) { self.log = log }

    func ended(_ report: Report, at time: Duration) {
        logDetails(of: report, at: report.isDryRun ? .info : .debug)
        log.info(
            "run ended",
            [
                .reason: .strings(report.reasons), .triggers: .int(report.triggers),
                .waited: .duration(.init(inSeconds: report.waited)), .reach: .string(report.reach.rawValue),
                .duration: .duration(.init(inSeconds: report.duration)),
                .hosts: .int(report.hosts.count), .changed: .int(report.changes), .failed: .int(report.failures),
                .changes: .strings(report.changeClauses.shortened(to: Self.clauses)),
                .failures: .strings(report.failureClauses.shortened(to: Self.clauses)),
                .outcome: report.isClean ? "success" : "failure", .dryRun: .bool(report.isDryRun),
                .requests: .strings(report.budgets.map(\.description)),
            ]
        )
    }

    private func logDetails(of report: Report, at level: Logger.Level) {
        for host in report.hosts {
            write(level, "record", host.record?.outcome, of: host.name.text)
            write(level, "record", host.record?.alsoDone.map(Outcome.changed), of: host.name.text)
        }
        for certificate in report.certificates {
            write(level, "certificate", certificate.outcome, of: certificate.lineage)
        }
        for signal in report.signals { write(level, "signal \(signal.signal)", signal.outcome, of: signal.name) }
        for secret in report.secrets { write(level, "secret", secret.outcome, of: secret.service) }
        for serving in report.serving {
            write(level, "serving", serving.reason.map(Outcome.failed), of: serving.host.text)
        }
        for refusal in report.refusals { log.log(level, "label rejected", [.detail: "\(refusal)"]) }
        for hint in report.hints { log.log(level, "hint", [.detail: .string(hint.text)]) }
        if let deletions = report.deletions {
            let fields: Logger.Fields = [.code: .string(deletions.code), .records: .strings(deletions.records)]
            log.log(level, "deletions wait for confirmation", fields)
        }
        for problem in report.problems {
            log.log(level, "could not read", [.stage: "\(problem.stage)", .error: .string(problem.text)])
        }
    }

    private func write(_ level: Logger.Level, _ action: String, _ outcome: Outcome?, of subject: String) {
        guard let outcome, outcome != .unchanged else { return }
        let fields: Logger.Fields = [
            .subject: .string(subject), .action: .string(action), .result: .string(outcome.word),
            .detail: .string(outcome.detail ?? ""), .outcome: outcome.isFailure ? "failure" : "success",
        ]
        log.log(level, "outcome", fields)
    }
}
