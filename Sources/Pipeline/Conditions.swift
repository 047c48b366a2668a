import Model
public import Notices
import Records
public import Report

extension Report {
    /// What holds after the run, in the words of notices; what is new in it is what people are told.
    ///
    /// A host's failure that only repeats a problem of the whole run is left to that problem: one message, not one per host.
    public var conditions: [Condition] {
        let common = problems.map(\.text)
        let wanted =
            hosts.compactMap { $0.standing(besides: common) }
            + certificates.compactMap { $0.standing(besides: common) }
            + certificates.compactMap { $0.alarm(at: started) }
        let delivered =
            signalStandings + (secrets ?? []).compactMap { $0.standing(inRunOf: started) }
            + (serving ?? []).compactMap(\.standing)
        let others =
            refusals.map(\.standing) + hints.map(Self.standing(ofHint:)) + problemStandings
            + [deletions].compactMap { $0?.standing }
        return wanted + (addresses ?? []).compactMap(\.standing) + delivered + others
    }

    /// Of certificates that fail for what a problem of the run says already.
    var keysLeftToProblems: [String] {
        let common = problems.map(\.text)
        return certificates.filter { $0.outcome.isFailure && $0.outcome.trouble(besides: common) == nil }.map(\.key)
    }

    /// One for each stage that met any. A text may vary from run to run; another number of them is said.
    private var problemStandings: [Condition] {
        eachOnce(problems.map(\.stage)).map { stage in
            let texts = problems.filter { $0.stage == stage }.map(\.text)
            return Condition(
                key: "problem/\(stage)",
                value: texts.count == 1 ? "failed" : "failed: \(texts.count)",
                line: texts.joined(separator: "; "),
                level: .error,
                isProblem: true,
                recovery: "what hindered the stage `\(stage)` is over"
            )
        }
    }

    private static func standing(ofHint hint: String) -> Condition {
        Condition(key: "hint/\(hint)", value: "", line: hint, level: .warning)
    }
}

extension Outcome {
    /// Why it did not come about, unless that is one of `common`.
    func trouble(besides common: [String]) -> (value: String, text: String)? {
        switch self {
        case .unchanged, .changed: nil
        case .refused(let reason): (reason, reason)
        // The text of a failure may vary from run to run; what is said once is that it fails.
        case .failed(let reason): common.contains { reason.contains($0) } ? nil : ("failed", reason)
        }
    }
}

extension HostReport {
    fileprivate func standing(besides common: [String]) -> Condition? {
        guard let record else { return nil }
        let key = "record/\(name)"
        if let trouble = record.outcome.trouble(besides: common) {
            return Condition(
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
        if let line, origins.isEmpty { return Condition(key: key, value: "", line: "\(name): \(line)", hosts: [name]) }
        guard let standing = record.standing else { return nil }
        return Condition(key: key, value: standing, line: "\(name): \(line ?? standing)", hosts: [name])
    }
}

extension Deletions {
    /// Nil once they are confirmed.
    fileprivate var standing: Condition? {
        guard !isConfirmed else { return nil }
        let shown = records.prefix(10).joined(separator: ", ") + (records.count > 10 ? ", …" : "")
        let count = records.count == 1 ? "1 record that" : "\(records.count) records that"
        return Condition(
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
    fileprivate var standing: Condition? {
        guard let was else { return nil }
        let says = witnesses.count == 1 ? "says" : "say"
        return Condition(
            key: "address/\(family.rawValue)",
            value: address.description,
            line: "the public IP\(family.rawValue) address is now \(address) (was \(was)), "
                + "\(says) \(witnesses.joined(separator: " and "))"
        )
    }
}

extension CertificateReport {
    fileprivate func standing(besides common: [String]) -> Condition? {
        guard !hosts.isEmpty else { return Condition(key: key, value: "unasked", line: unasked) }
        let subject = named(hosts.map(\.text))
        if let trouble = outcome.trouble(besides: common) {
            return Condition(
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
        return Condition(
            key: key,
            value: fingerprint.hex,
            line: "\(subject): certificate \(change ?? state)",
            hosts: hosts
        )
    }

    /// Hosts that are refused a place in a certificate are told of beside it.
    fileprivate var key: String {
        guard case .refused = outcome else { return "certificate/\(lineage)" }
        return "certificate/\(lineage)/refused/\(hosts.map(\.text).joined(separator: ","))"
    }
}

extension Refusal {
    fileprivate var standing: Condition {
        Condition(
            key: "label/\(origin)/\(label)/\(value)",
            value: reason,
            line: description,
            level: .warning,
            isProblem: true,
            recovery: "\(origin): \(label): `\(value)` is no longer asked for"
        )
    }
}
