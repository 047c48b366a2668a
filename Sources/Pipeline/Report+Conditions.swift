import Model
package import Notices
package import Report

extension Report {
    /// What holds after the run, in the words of notices. A host's failure that only repeats a problem of the whole run
    /// is left to that problem: one message, not one for each host.
    package var conditions: [Condition] {
        let common = problems.map { $0.cause ?? $0.text }
        let desired =
            hosts.compactMap { $0.condition(besides: common) }
            + certificates.compactMap { $0.condition(besides: common, inRunOf: started) }
            + certificates.compactMap { $0.expiryAlarm(at: started) }
        let delivered =
            signalConditions + secrets.compactMap { $0.condition(inRunOf: started) }
            + serving.compactMap(\.condition)
        let others =
            refusals.map(\.condition)
            + hints.map(\.condition)
            + problemConditions + [deletions?.condition].compactMap(\.self)
        return desired + addresses.compactMap(\.condition) + delivered + others
    }

    /// One for each stage that met any. A text may vary from run to run; another number of them is announced.
    private var problemConditions: [Condition] {
        unique(problems.map(\.stage)).map { stage in
            let problems = problems.filter { $0.stage == stage }
            let texts = problems.map(\.text)
            return Condition(
                key: "problem/\(stage)",
                value: texts.count == 1 ? "failed" : "failed: \(texts.count)",
                line: texts.joined(separator: "; "),
                level: .error,
                recovery: problems.contains { $0.cause != nil }
                    ? "\(stage): takes records and challenges again" : "the stage `\(stage)` works again"
            )
        }
    }

    /// One per service, however many containers it has, and signal.
    private var signalConditions: [Condition] {
        // A container that ended in the meantime needs none; of one that ended at its signal, a hint tells.
        let sent = signals.filter { $0.outcome != .unchanged && $0.result != .ended && $0.result != .heldBack }
        return Dictionary(grouping: sent) { "\($0.service)/\($0.signal)" }.sorted { $0.key < $1.key }
            .map { key, signals in condition("signal/\(key)", of: signals) }
    }

    /// Every signal is news, so the value is the run in which it was sent.
    private func condition(_ key: String, of signals: [SignalReport]) -> Condition {
        let first = signals[0]
        let name = signals.count == 1 ? first.displayName : first.service
        let what = "\(name): \(first.signal) for \(named(unique(signals.flatMap(\.lineages)).sorted()))"
        let failures = signals.compactMap { $0.outcome.problem() }
        guard let failure = failures.first else {
            let count = signals.count == 1 ? "" : ", to \(signals.count) containers"
            return Condition(key: key, value: "\(started)", line: what + count)
        }
        let count = signals.count == 1 ? "" : " for \(failures.count) of \(signals.count) containers"
        return Condition(
            key: key,
            value: failure.value,
            line: "\(what) failed\(count): \(unique(failures.map(\.text)).joined(separator: "; "))",
            level: .error,
            recovery: "\(name): no \(first.signal) is pending any more"
        )
    }

    /// What the problems hide, stage by stage, so that one that stays does not hide the end of all others.
    package var unseen: Unobserved {
        let stages = Set(problems.map(\.stage))
        guard !stages.contains(Progress.Stage.discover.rawValue) else { return .everything }
        // Certificates that fail for what a problem of the run says already.
        let common = problems.map { $0.cause ?? $0.text }
        let keys = certificates.filter { $0.outcome.isFailure && $0.outcome.problem(besides: common) == nil }.map(\.key)
        return Unobserved(prefixes: Set(stages.flatMap(Self.keysHidden)), keys: Set(keys))
    }

    /// The prefixes of keys. A state store that cannot be written hides nothing.
    private static func keysHidden(by stage: String) -> [String] {
        let delivered = ["signal/", "secret/", "serving/", "label/"]
        return switch stage {
        case Progress.Stage.record.rawValue, IPAddress.Family.v4.stage, IPAddress.Family.v6.stage:
            ["record/", "deletions", "address/"]
        case Progress.Stage.certificate.rawValue: ["certificate/", "expiry/"] + delivered
        case Progress.Stage.signal.rawValue: delivered
        default: []
        }
    }
}

extension Outcome {
    /// Why it did not come about, unless that is one of `common`.
    fileprivate func problem(besides common: [String] = []) -> (value: String, text: String)? {
        switch self {
        case .unchanged, .changed: nil
        case .refused(let reason): (reason, reason)
        // The text of a failure may vary from run to run; it is announced once that it fails.
        case .failed(let reason): common.contains { reason.contains($0) } ? nil : ("failed", reason)
        }
    }
}

extension HostReport {
    fileprivate func condition(besides common: [String]) -> Condition? {
        guard let record else { return nil }
        let key = "record/\(name)"
        if let problem = record.outcome.problem(besides: common) {
            return Condition(
                key: key,
                value: problem.value,
                line: "\(name): \(problem.text)" + (record.alsoDone.map { "; \($0)" } ?? ""),
                level: record.outcome.isFailure ? .error : .warning,
                recovery: "\(name): the record is up to date again",
                hosts: [name]
            )
        }
        let change = record.outcome.isChange ? record.outcome.detail : nil
        let current = change != nil && origins.isEmpty ? "" : record.current
        guard !record.outcome.isFailure, let current else { return nil }
        return Condition(key: key, value: current, line: "\(name): \(change ?? current)", hosts: [name])
    }
}

extension Deletions {
    /// Nil once they are confirmed.
    fileprivate var condition: Condition? {
        guard !isConfirmed else { return nil }
        let shown = records.prefix(10).joined(separator: ", ") + (records.count > 10 ? ", …" : "")
        let count = records.count == 1 ? "1 record is" : "\(records.count) records are"
        return Condition(
            key: "deletions",
            value: code,
            line: "\(count) no longer requested: `landfall once --confirm-deletes \(code)` deletes \(shown)",
            level: .warning,
            recovery: "no deletion waits for confirmation any more"
        )
    }
}

extension AddressReport {
    /// The first address is no news: the records made of it are.
    fileprivate var condition: Condition? {
        guard let previous else { return nil }
        let says = sources.count == 1 ? "says" : "say"
        return Condition(
            key: "address/\(family.rawValue)",
            value: address.description,
            line: "the public IP\(family.rawValue) address is now \(address) (was \(previous)), "
                + "\(says) \(sources.joined(separator: " and "))"
        )
    }
}

extension CertificateReport {
    /// Hosts that are refused a place in a certificate have a condition of their own beside it.
    fileprivate var key: String {
        guard case .refused = outcome else { return "certificate/\(lineage)" }
        return "certificate/\(lineage)/refused/\(hosts.map(\.text).joined(separator: ","))"
    }

    fileprivate func condition(besides common: [String], inRunOf started: Timestamp) -> Condition? {
        guard !hosts.isEmpty else { return Condition(key: key, value: "unasked", line: unrequestedText) }
        let subject = named(hosts.map(\.text))
        if let problem = outcome.problem(besides: common) {
            return Condition(
                key: key,
                // A person is reminded every day.
                value: problem.value + (needsPerson == true ? " \(started.day)" : ""),
                line: "\(subject): no new certificate: \(problem.text)",
                level: outcome.isFailure ? .error : .warning,
                recovery: "\(subject): the certificate is up to date again",
                hosts: hosts
            )
        }
        guard let fingerprint, !outcome.isFailure else { return nil }
        let validity = notAfter.map { "valid until \($0.day)" } ?? "there"
        let change = outcome.isChange ? outcome.detail : nil
        let line = "\(subject): certificate \(change ?? validity)"
        return Condition(key: key, value: fingerprint.hex, line: line, hosts: hosts)
    }

    /// That a certificate expires soon: with a quarter of its lifetime left several tries have failed. Announced every day.
    func expiryAlarm(at now: Timestamp) -> Condition? {
        guard let notBefore, let notAfter, !outcome.isChange, !hosts.isEmpty else { return nil }
        let lifetime = notAfter.seconds - notBefore.seconds
        let left = notAfter.seconds - now.seconds
        guard lifetime > 0, left < lifetime / 4 else { return nil }
        let subject = named(hosts.map(\.text))
        return Condition(
            key: key.replacing("certificate/", with: "expiry/", maxReplacements: 1),
            // Another one every day, at the hour at which it expires.
            value: "\(left >= 0 ? left / 86_400 : (left + 1) / 86_400 - 1) days",
            line: "\(subject): the certificate \(expiry(in: left, notAfter)), and could not be renewed"
                + (outcome.problem().map { ": \($0.text)" } ?? ""),
            level: .error,
            recovery: "\(subject): the certificate no longer expires soon",
            hosts: hosts
        )
    }

    private func expiry(in left: Int64, _ notAfter: Timestamp) -> String {
        let days = left / 86_400
        let time = days == 0 ? "less than a day" : days == 1 ? "1 day" : "\(days) days"
        return left > 0 ? "expires in \(time), on \(notAfter.day)" : "expired on \(notAfter.day)"
    }
}

extension SignalReport {
    /// The service, which the names of a Swarm's containers begin with (`proxy.1.x5k…`), or the container itself.
    fileprivate var service: String { String(name.prefix { $0 != "." }) }
}

extension SecretReport {
    /// That nothing had to be done is no news.
    fileprivate func condition(inRunOf started: Timestamp) -> Condition? {
        guard outcome != .unchanged else { return nil }
        let problem = outcome.problem()
        return Condition(
            key: "secret/\(service)",
            value: problem?.value ?? "\(started)",
            line: "service \(service): "
                + (problem.map { "no certificate as a secret: \($0.text)" } ?? outcome.detail ?? ""),
            level: outcome.isFailure ? .error : problem == nil ? .info : .warning,
            isProblem: problem != nil,
            recovery: "service \(service): its certificates are no longer held back"
        )
    }
}

extension ServingReport {
    /// That it is served is no news; that it is again is announced by the recovery.
    fileprivate var condition: Condition? {
        guard let reason else { return nil }
        return Condition(
            key: "serving/\(host)/\(endpoint)",
            value: "not served",
            line: "\(host): certificate issued, but not served: \(reason)",
            level: .error,
            recovery: "\(host): \(endpoint) serves the certificate",
            hosts: [host]
        )
    }
}

extension Hint {
    fileprivate var condition: Condition {
        Condition(key: "hint/\(text)", value: "", line: text, level: .warning, hosts: (hosts ?? []).sorted())
    }
}

extension Refusal {
    fileprivate var condition: Condition {
        Condition(
            key: "label/\(origin)/\(label)/\(value)",
            value: reason,
            line: description,
            level: .warning,
            recovery: "\(origin): \(label): `\(value)` is no longer requested"
        )
    }
}
