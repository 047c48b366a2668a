import Model
import Pipeline
import Report
import Signals

/// A report for a person, a line per thing worth a look.
struct ReportText: CustomStringConvertible {
    private let report: Report

    init(_ report: Report) {
        self.report = report
    }

    var description: String {
        let labels = report.refusals.map { "! \($0)" } + report.hints.map { "* \($0)" }
        return (hosts + unasked + signals + secrets + unserved + labels + deletions + problems + [summary])
            .joined(separator: "\n")
    }

    private var hosts: [String] {
        let width = report.hosts.map(\.name.text.count).max() ?? 0
        return report.hosts.map { host in
            let certificates = report.certificates.filter { $0.hosts.contains(host.name) }.map(\.outcome)
            let parts =
                (host.record.map { ["record \(words($0.outcome))"] } ?? [])
                + certificates.map { "certificate \(words($0))" }
            let outcomes = [host.record?.outcome].compactMap { $0 } + certificates
            return "\(mark(outcomes)) \(Terminal.padded(host.name.text, width))  \(parts.joined(separator: " · "))"
        }
    }

    private var unasked: [String] { report.certificates.filter(\.hosts.isEmpty).map { ". \($0.unasked)" } }

    private var signals: [String] {
        report.signals.map { signal in
            let words = signal.result == .gone ? "gone" : words(signal.outcome)
            return "\(mark(signal.outcome)) \(signal.signal) → \(signal.name): \(words)"
        }
    }

    private var secrets: [String] {
        (report.secrets ?? []).map { "\(mark($0.outcome)) service \($0.service): secrets \(words($0.outcome))" }
    }

    private var unserved: [String] {
        (report.serving ?? []).compactMap { serving in serving.trouble.map { "✗ \(serving.host): not served: \($0)" } }
    }

    private var deletions: [String] { report.deletions.map { DeletionsText($0).lines } ?? [] }

    private var problems: [String] {
        report.problems.map { "✗ \($0.stage): \($0.text)" }
    }

    private var summary: String {
        let verb = report.isDryRun ? "to change" : "changed"
        let duration = Duration.milliseconds(Int(report.duration * 1000)).readable
        let hosts = report.hosts.count == 1 ? "1 host" : "\(report.hosts.count) hosts"
        return "\(hosts), \(report.changes) \(verb), \(report.failures) failed, \(duration)"
    }

    private func mark(_ outcomes: [Outcome]) -> String {
        mark(outcomes.first(where: \.isFailure) ?? outcomes.first { $0 != .unchanged } ?? .unchanged)
    }

    private func mark(_ outcome: Outcome) -> String {
        switch outcome {
        case .unchanged: "="
        case .changed: "✓"
        case .refused: "!"
        case .failed: "✗"
        }
    }

    private func words(_ outcome: Outcome) -> String {
        switch outcome {
        case .unchanged: "unchanged"
        case .changed(let what): what
        case .refused(let why): "refused: \(why)"
        case .failed(let why): "failed: \(why)"
        }
    }
}
