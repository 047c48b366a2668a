import Model
public import Notices

extension Report {
    /// What holds after the run, in the words of notices; what is new in it is what people are told.
    ///
    /// A host's failure that only repeats a problem of the whole run is left to that problem: one message, not one per host.
    public var standings: [Standing] {
        let common = problems.map(\.text)
        let lineages = Dictionary(grouping: hosts.filter { $0.certificate != nil }) { $0.certificate?.lineage ?? "" }
        return hosts.compactMap { $0.recordStanding(besides: common) }
            + lineages.values.compactMap { CertificateReport.standing(of: $0, besides: common) }
            + signals.map(\.standing) + refusals.map(\.standing) + hints.map(Self.standing(ofHint:))
            + problems.map(\.standing)
    }

    private static func standing(ofHint hint: String) -> Standing {
        Standing(key: "hint/\(hint)", value: "", line: hint, level: .warning)
    }
}

extension Outcome {
    /// Why it did not come about, unless that is one of `common`.
    fileprivate func trouble(besides common: [String]) -> (value: String, text: String)? {
        switch self {
        case .unchanged, .changed: nil
        case .refused(let reason): (reason, reason)
        // The text of a failure may vary from run to run; what is said once is that it fails.
        case .failed(let reason): common.contains { reason.contains($0) } ? nil : ("failed", reason)
        }
    }
}

extension HostReport {
    fileprivate func recordStanding(besides common: [String]) -> Standing? {
        guard let record else { return nil }
        let key = "record/\(name)"
        if let trouble = record.outcome.trouble(besides: common) {
            return Standing(
                key: key,
                value: trouble.value,
                line: "\(name): \(trouble.text)",
                level: record.outcome.isFailure ? .error : .warning,
                isProblem: true,
                recovery: "\(name): the record is well again",
                hosts: [name]
            )
        }
        guard let standing = record.standing, !record.outcome.isFailure else { return nil }
        let line = record.outcome.isChange ? record.outcome.detail : nil
        return Standing(key: key, value: standing, line: "\(name): \(line ?? standing)", hosts: [name])
    }
}

extension CertificateReport {
    /// Of one lineage and all hosts that it serves.
    fileprivate static func standing(of hosts: [HostReport], besides common: [String]) -> Standing? {
        guard let certificate = hosts.first?.certificate else { return nil }
        let names = hosts.map(\.name)
        let subject = names.map(\.text).joined(separator: ", ")
        let key = "certificate/\(certificate.lineage)"
        if let trouble = certificate.outcome.trouble(besides: common) {
            return Standing(
                key: key,
                value: trouble.value,
                line: "\(subject): no new certificate: \(trouble.text)",
                level: certificate.outcome.isFailure ? .error : .warning,
                isProblem: true,
                recovery: "\(subject): the certificate is well again",
                hosts: names
            )
        }
        guard let fingerprint = certificate.fingerprint, !certificate.outcome.isFailure else { return nil }
        let state = certificate.notAfter.map { "valid until \($0.day)" } ?? "there"
        let line = certificate.outcome.isChange ? certificate.outcome.detail : nil
        return Standing(
            key: key,
            value: fingerprint.hex,
            line: "\(subject): certificate \(line ?? state)",
            hosts: names
        )
    }
}

extension SignalReport {
    /// Present only in the run that signalled; a later run that owes nothing lets it be forgotten.
    fileprivate var standing: Standing {
        let trouble = outcome.trouble(besides: [])
        return Standing(
            key: "signal/\(container)",
            value: trouble?.value ?? "signalled",
            line:
                "\(name): \(signal) for \(lineages.joined(separator: ", "))\(trouble.map { " failed: \($0.text)" } ?? "")",
            level: trouble == nil ? .info : .error,
            isProblem: trouble != nil,
            recovery: "\(name): \(signal) is no longer owed"
        )
    }
}

extension Refusal {
    fileprivate var standing: Standing {
        Standing(
            key: "label/\(origin.id)/\(label)/\(value)",
            value: reason,
            line: description,
            level: .warning,
            isProblem: true,
            recovery: "\(origin): \(label): `\(value)` is no longer asked for"
        )
    }
}

extension Report.Problem {
    fileprivate var standing: Standing {
        Standing(
            key: "problem/\(stage)",
            value: "failed",
            line: text,
            level: .error,
            isProblem: true,
            recovery: "what hindered the stage `\(stage)` is over"
        )
    }
}
