import Model
import Report

/// A report for a person: of a run, what it did, a line per host; of a plan, what a run would do, a line per step.
struct ReportText: CustomStringConvertible {
    private let report: Report

    init(_ report: Report) { self.report = report }

    var description: String { report.isDryRun ? plan : result }

    private var result: String {
        let certificates = report.certificates.filter(\.hosts.isEmpty).map { ". \($0.unrequestedText)" }
        let signals = report.signals.map { signal in
            "\(signal.outcome.mark) \(signal.signal) → \(signal.displayName): "
                + signal.resultText
        }
        let secrets = report.secrets.map { "\($0.outcome.mark) service \($0.service): secrets \($0.outcome.text)" }
        let notServed = report.serving.compactMap { serving in
            serving.reason.map { "✗ \(serving.host): not served: \($0)" }
        }
        let labels = report.refusals.map { "! \($0)" } + report.hints.map { "* \($0)" }
        let problems = report.problems.map { "✗ \($0.stage): \($0.text)" }
        let deletions = report.deletions?.lines ?? []
        return printedLines(
            hosts + certificates + signals + secrets + notServed + labels + deletions + problems + [resultSummary]
        )
    }

    private var hosts: [String] {
        let width = report.hosts.map(\.name.text.count).max() ?? 0
        let certificatesByHost = report.certificates.byHost
        return report.hosts.map { host in
            let record = host.record?.outcome
            let certificates = (certificatesByHost[host.name] ?? []).map(\.outcome)
            let parts =
                [record].compactMap(\.self).map { "record \($0.text)" } + [host.record?.alsoDone].compactMap(\.self)
                + certificates.map { "certificate \($0.text)" }
            let outcomes = [record].compactMap(\.self) + certificates
            let worst = outcomes.first(where: \.isFailure) ?? outcomes.first { $0 != .unchanged } ?? .unchanged
            return "\(worst.mark) \(Terminal.padded(host.name.text, width))  \(parts.joined(separator: " · "))"
        }
    }

    private var resultSummary: String {
        let duration = Duration(inSeconds: report.duration).readable
        let hosts = report.hosts.count == 1 ? "1 host" : "\(report.hosts.count) hosts"
        return "\(hosts), \(report.changes) changed, \(report.failures) failed, \(duration)"
    }

    private var plan: String {
        let sections = [
            ("Records", report.records.map(\.planText)), ("Certificates", report.certificates.map(\.planText)),
            ("Signals", report.signals.map(\.planText)), ("Secrets", report.secrets.map(\.planText)),
            ("Waiting for your confirmation", report.deletions?.lines ?? []),
            ("Rejected labels", report.refusals.map { "! \($0)" }), ("Hints", report.hints.map { "* \($0)" }),
            ("Problems", report.problems.map { "? \($0.text)" }),
            ("Zones", (report.zones ?? []).map { "\($0)" }), ("API requests", report.budgets.map { "\($0)" }),
        ]
        let parts = sections.filter { !$0.1.isEmpty }.map { title, lines in
            "\(title)\n" + printedLines(lines.map { "  \($0)" })
        }
        return (parts + [planSummary]).joined(separator: "\n\n")
    }

    private var planSummary: String {
        switch report.changes {
        case 0 where report.deletions != nil: "Nothing to do until you confirm the deletions."
        case 0: report.problems.isEmpty ? "Nothing to do." : "Nothing to do, as far as everything could be read."
        case 1: "1 change to make. Nothing was changed."
        case let count: "\(count) changes to make. Nothing was changed."
        }
    }
}

// The lines of a plan: `+` creates, `~` changes, `-` deletes, `=` is up to date, `.` stays for now, `!` is refused, `?`
// could not be read.

extension RecordReport {
    var planText: String {
        let view = view == .internal ? ", internal view" : ""
        let place = zone.map { " (\(provider ?? "") zone \($0)\(view))" } ?? ""
        let type = type ?? ""
        return switch action {
        case .create: "+ \(host)  \(type) \(to ?? "")\(options)\(place)"
        case .update: "~ \(host)  \(change)\(options)\(place)"
        case .delete: "- \(host)  \(type) \(from ?? "")\(place)"
        case .hold: ". \(host)  \(type) \(from ?? "")\(place): \(reason ?? "")"
        case .refuse: "! \(host)  \(reason ?? "")"
        case .wait: "? \(host)  \(reason ?? "")"
        case .keep: "= \(host)  \(type) \(to ?? "")\(place)"
        }
    }

    /// `A 198.51.100.8 → 198.51.100.7`, `CNAME example.net → A 198.51.100.7`
    private var change: String {
        let newType = fromType == nil ? "" : "\(type ?? "") "
        return "\(fromType ?? type ?? "") \(from ?? "") → \(newType)\(to ?? "")"
    }

    /// The options that a run would set.
    private var options: String {
        let proxied = proxied.map { $0 ? " proxied" : action == .update ? " not proxied" : "" }
        return (proxied ?? "") + (ttl.map { " ttl \($0)" } ?? "")
    }
}

extension CertificateReport {
    var planText: String {
        let names = names.map(\.text).joined(separator: ", ")
        let subject = names == lineage ? names : "\(lineage) [\(names)]"
        let remarks = remarks.map { "; \($0)" }.joined()
        return switch action {
        case .issue: "+ \(subject)  \(reason ?? "")"
        case .renew: "~ \(subject)  \(validity)\(remarks)"
        case .leave: ". \(subject)  no host asks for it any longer; it is not renewed, nor deleted; \(validity)"
        case .refuse: "! \(subject)  \(reason ?? "")\(remarks)"
        case .wait: "? \(subject)  \(reason ?? "")\(remarks)"
        case .keep: "= \(subject)  \(validity)\(remarks)"
        }
    }

    /// `valid until 2027-02-22, to be renewed from 2027-01-23 with a third of its lifetime left`
    private var validity: String {
        let until = notAfter.map { "valid until \($0.day)" } ?? ""
        let from = renewFrom.map { ", to be renewed from \($0.day) \(rule ?? "")" } ?? ""
        return until + from + (servedBy.map { ", served by the certificate \($0)" } ?? "")
    }
}

extension SignalReport {
    fileprivate var resultText: String {
        switch result {
        case .gone: "the container is gone"
        // The container did not refuse anything.
        case .ended, .heldBack: outcome.detail ?? ""
        default: outcome.text
        }
    }

    fileprivate var planText: String { "+ \(signal) → \(displayName)  for \(lineages.joined(separator: ", "))" }
}

extension SecretReport {
    fileprivate var planText: String {
        let mark =
            switch outcome {
            case .unchanged: "="
            case .changed: "~"
            case .refused: "!"
            case .failed: "?"
            }
        return "\(mark) service \(service)  \(outcome.detail ?? "")"
    }
}

extension Deletions {
    /// None once they are confirmed: then they are among the changes.
    var lines: [String] {
        guard !isConfirmed else { return [] }
        let count = records.count == 1 ? "1 record is" : "\(records.count) records are"
        let title = "! \(count) no longer requested; to delete exactly these: landfall once --confirm-deletes \(code)"
        return [title] + records.map { "    \($0)" }
    }
}

extension Outcome {
    fileprivate var mark: String {
        switch self {
        case .unchanged: "="
        case .changed: "✓"
        case .refused: "!"
        case .failed: "✗"
        }
    }

    fileprivate var text: String {
        switch self {
        case .unchanged: "up to date"
        case .changed(let what): what
        case .refused(let why): "refused: \(why)"
        case .failed(let why): "failed: \(why)"
        }
    }
}
