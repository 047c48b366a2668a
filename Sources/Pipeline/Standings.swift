import Model
public import Notices
import Records

extension Report {
    /// What holds after the run, in the words of notices; what is new in it is what people are told.
    ///
    /// A host's failure that only repeats a problem of the whole run is left to that problem: one message, not one per host.
    public var standings: [Standing] {
        let common = problems.map(\.text)
        return hosts.compactMap { $0.standing(besides: common) }
            + certificates.compactMap { $0.standing(besides: common) }
            + (addresses ?? []).compactMap(\.standing)
            + signals.map { $0.standing(inRunOf: started) }
            + (secrets ?? []).compactMap { $0.standing(inRunOf: started) } + (serving ?? []).compactMap(\.standing)
            + refusals.map(\.standing)
            + hints.map(Self.standing(ofHint:))
            + problems.map(\.standing) + [deletions].compactMap { $0?.standing }
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
    fileprivate func standing(besides common: [String]) -> Standing? {
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
        guard !record.outcome.isFailure else { return nil }
        let line = record.outcome.isChange ? record.outcome.detail : nil
        if let line, origins.isEmpty { return Standing(key: key, value: "", line: "\(name): \(line)", hosts: [name]) }
        guard let standing = record.standing else { return nil }
        return Standing(key: key, value: standing, line: "\(name): \(line ?? standing)", hosts: [name])
    }
}

extension Deletions {
    /// Nil once they are confirmed.
    fileprivate var standing: Standing? {
        guard !isConfirmed else { return nil }
        let shown = records.prefix(10).joined(separator: ", ") + (records.count > 10 ? ", …" : "")
        let count = records.count == 1 ? "1 record that" : "\(records.count) records that"
        return Standing(
            key: "deletions",
            value: code,
            line: "\(count) nobody asks for: `landfall once --confirm-deletes \(code)` deletes \(shown)",
            level: .warning,
            isProblem: true,
            recovery: "no deletion waits for a confirmation any more"
        )
    }
}

extension AddressReport {
    /// The first address is no news: the records made of it are.
    fileprivate var standing: Standing? {
        guard let was else { return nil }
        let says = witnesses.count == 1 ? "says" : "say"
        return Standing(
            key: "address/\(family.rawValue)",
            value: address.description,
            line: "the public IP\(family.rawValue) address is now \(address) (was \(was)), "
                + "\(says) \(witnesses.joined(separator: " and "))"
        )
    }
}

extension CertificateReport {
    fileprivate func standing(besides common: [String]) -> Standing? {
        let subject = hosts.map(\.text).joined(separator: ", ")
        if let trouble = outcome.trouble(besides: common) {
            return Standing(
                key: key,
                value: trouble.value,
                line: "\(subject): no new certificate: \(trouble.text)",
                level: outcome.isFailure ? .error : .warning,
                isProblem: true,
                recovery: "\(subject): the certificate is well again",
                hosts: hosts
            )
        }
        guard let fingerprint, !outcome.isFailure else { return nil }
        let state = notAfter.map { "valid until \($0.day)" } ?? "there"
        let change = outcome.isChange ? outcome.detail : nil
        return Standing(
            key: key,
            value: fingerprint.hex,
            line: "\(subject): certificate \(change ?? state)",
            hosts: hosts
        )
    }

    /// Hosts that are refused a place in a certificate are told of beside it.
    private var key: String {
        guard case .refused = outcome else { return "certificate/\(lineage)" }
        return "certificate/\(lineage)/refused/\(hosts.map(\.text).joined(separator: ","))"
    }
}

extension SignalReport {
    /// Every signal is news, so what holds is in which run it was sent.
    fileprivate func standing(inRunOf started: Timestamp) -> Standing {
        let trouble = outcome.trouble(besides: [])
        return Standing(
            key: "signal/\(container)",
            value: trouble?.value ?? "\(started)",
            line:
                "\(name): \(signal) for \(lineages.joined(separator: ", "))\(trouble.map { " failed: \($0.text)" } ?? "")",
            level: trouble == nil ? .info : .error,
            isProblem: trouble != nil,
            recovery: "\(name): \(signal) is no longer owed"
        )
    }
}

extension SecretReport {
    /// That nothing had to be done is no news.
    fileprivate func standing(inRunOf started: Timestamp) -> Standing? {
        guard outcome != .unchanged else { return nil }
        let trouble = outcome.trouble(besides: [])
        return Standing(
            key: "secret/\(service)",
            value: trouble?.value ?? "\(started)",
            line:
                "service \(service): \(trouble.map { "no certificate as a secret: \($0.text)" } ?? outcome.detail ?? "")",
            level: outcome.isFailure ? .error : trouble == nil ? .info : .warning,
            isProblem: trouble != nil,
            recovery: "service \(service): its certificates are delivered"
        )
    }
}

extension ServingReport {
    /// That it is served is no news; that it is again is told by the recovery.
    fileprivate var standing: Standing? {
        guard let trouble else { return nil }
        return Standing(
            key: "serving/\(host)/\(endpoint)",
            value: "not served",
            line: "\(host): certificate issued, but not served: \(trouble)",
            level: .error,
            isProblem: true,
            recovery: "\(host): \(endpoint) serves the certificate",
            hosts: [host]
        )
    }
}

extension Refusal {
    fileprivate var standing: Standing {
        Standing(
            key: "label/\(origin)/\(label)/\(value)",
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
