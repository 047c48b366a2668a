import Model
import Pipeline

/// A plan for a person: `+` would be made, `~` changed, `-` deleted, `=` stays, `.` stays for now, `!` refused, `?` cannot
/// be known now.
struct PlanText: CustomStringConvertible {
    private let plan: PlanDocument

    init(_ plan: PlanDocument) {
        self.plan = plan
    }

    var description: String {
        var sections: [(String, [String])] = [
            ("Records", plan.records.map(Self.line)), ("Certificates", plan.certificates.map(Self.line)),
            ("Signals", plan.signals.map(Self.line)), ("Secrets", (plan.secrets ?? []).map(Self.line)),
        ]
        sections.append(("Waiting for you", plan.deletions.map { DeletionsText($0).lines } ?? []))
        sections.append(("Refused", plan.refusals.map { "! \($0)" }))
        sections.append(("Hints", plan.hints.map { "* \($0)" }))
        sections.append(("Could not be seen", plan.problems.map { "? \($0)" }))
        sections.append(("Requests", plan.budgets.map { "\($0)" }))
        let parts = sections.filter { !$0.1.isEmpty }.map { title, lines in
            "\(title)\n" + lines.map { "  \($0)" }.joined(separator: "\n")
        }
        return (parts + [summary]).joined(separator: "\n\n")
    }

    private var summary: String {
        switch plan.changes {
        case 0 where plan.deletions != nil: "Nothing to do but what waits for you."
        case 0: plan.problems.isEmpty ? "Nothing to do." : "Nothing can be said to need doing."
        case 1: "1 change. Nothing was done."
        case let count: "\(count) changes. Nothing was done."
        }
    }

    static func line(_ record: PlanDocument.Record) -> String {
        let place = record.zone.map { " (\(record.provider ?? "") zone \($0))" } ?? ""
        let type = record.type ?? ""
        return switch record.action {
        case .create: "+ \(record.host)  \(type) \(record.to ?? "")\(options(record))\(place)"
        case .update: "~ \(record.host)  \(change(record))\(options(record))\(place)"
        case .delete: "- \(record.host)  \(type) \(record.from ?? "")\(place)"
        case .hold: ". \(record.host)  \(type) \(record.from ?? "")\(place): \(record.reason ?? "")"
        case .refuse: "! \(record.host)  \(record.reason ?? "")"
        case .wait: "? \(record.host)  \(record.reason ?? "")"
        default: "= \(record.host)  \(type) \(record.to ?? "")\(place)"
        }
    }

    /// `A 198.51.100.8 → 198.51.100.7`, `CNAME example.net → A 198.51.100.7`
    private static func change(_ record: PlanDocument.Record) -> String {
        let (from, to) = (record.from ?? "", record.to ?? "")
        return
            "\(record.fromType ?? record.type ?? "") \(from) → \(record.fromType == nil ? "" : "\(record.type ?? "") ")\(to)"
    }

    /// What a run would set of them.
    private static func options(_ record: PlanDocument.Record) -> String {
        let proxied = record.proxied.map { $0 ? " proxied" : record.action == .update ? " not proxied" : "" }
        return (proxied ?? "") + (record.ttl.map { " ttl \($0)" } ?? "")
    }

    static func line(_ certificate: PlanDocument.Certificate) -> String {
        let names = certificate.names.map(\.text).joined(separator: ", ")
        let subject = names == certificate.lineage ? names : "\(certificate.lineage) [\(names)]"
        let remarks = certificate.remarks.map { "; \($0)" }.joined()
        return switch certificate.action {
        case .issue: "+ \(subject)  \(certificate.reason ?? "")"
        case .renew: "~ \(subject)  \(term(of: certificate))\(remarks)"
        case .leave: ". \(subject)  no host asks for it any longer; not renewed, nor deleted; \(term(of: certificate))"
        case .refuse: "! \(subject)  \(certificate.reason ?? "")\(remarks)"
        case .wait: "? \(subject)  \(certificate.reason ?? "")\(remarks)"
        default: "= \(subject)  \(term(of: certificate))\(remarks)"
        }
    }

    /// `valid until 2027-02-22, to be renewed from 2027-01-23 with a third of its lifetime left`
    private static func term(of certificate: PlanDocument.Certificate) -> String {
        let until = certificate.notAfter.map { "valid until \($0.day)" } ?? ""
        let from = certificate.renewFrom.map { ", to be renewed from \($0.day) \(certificate.rule ?? "")" } ?? ""
        return until + from + (certificate.servedBy.map { ", served by the certificate \($0)" } ?? "")
    }

    private static func line(_ secret: PlanDocument.Secret) -> String {
        let line = "service \(secret.service)  \(secret.reason ?? "")"
        return switch secret.action {
        case .update: "~ \(line)"
        case .refuse: "! \(line)"
        case .wait: "? \(line)"
        default: "= \(line)"
        }
    }

    private static func line(_ signal: PlanDocument.Signal) -> String {
        "+ \(signal.signal) → \(signal.name)  for \(signal.lineages.joined(separator: ", "))"
    }
}
