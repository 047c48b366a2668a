import Log
import Model
import Pipeline

/// A report as log lines: one per change, refusal or failure, and one for the run. What stays as it is makes no line.
struct RunLog {
    private let log: Logger

    init(_ log: Logger) {
        self.log = log
    }

    func write(_ report: Report) {
        for host in report.hosts {
            write("Record", host.record?.outcome, of: host.name.text)
            write("Certificate", host.certificate?.outcome, of: host.name.text)
        }
        for signal in report.signals { write("Signal \(signal.signal)", signal.outcome, of: signal.name) }
        for refusal in report.refusals { log.warning("Label refused", ["message.detail": refusal.description]) }
        for hint in report.hints { log.warning("Hint", ["message.detail": hint]) }
        for problem in report.problems {
            log.warning("Could not see", ["event.action": problem.stage, "error.message": problem.text])
        }
        log.info(
            "Run ended",
            [
                "event.reason": report.reasons.joined(separator: ", "), "triggers": "\(report.triggers)",
                "waited": "\(report.waited)", "event.duration": "\(report.duration)",
                "hosts": "\(report.hosts.count)", "event.outcome": report.isClean ? "success" : "failure",
                "dry_run": "\(report.isDryRun)",
            ]
        )
    }

    private func write(_ subject: String, _ outcome: Outcome?, of name: String) {
        guard let outcome, outcome != .unchanged else { return }
        let fields: Logger.Fields = [
            "host": name, "event.action": subject, "event.outcome": outcome.word,
            "message.detail": outcome.detail ?? "",
        ]
        switch outcome {
        case .unchanged, .changed: log.info("Changed", fields)
        case .refused: log.warning("Refused", fields)
        case .failed: log.warning("Failed", fields)
        }
    }
}
