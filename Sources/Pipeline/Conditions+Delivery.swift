import Model
import Notices
import Report

extension Report {
    /// What became of the signals: a line per service, however many containers it has.
    var signalStandings: [Condition] {
        // A container that ended meanwhile wants none.
        let sent = signals.filter { $0.outcome != .unchanged }
        return Dictionary(grouping: sent) { "\($0.subject)/\($0.signal)" }.sorted { $0.key < $1.key }
            .map { key, signals in Self.standing("signal/\(key)", signals, inRunOf: started) }
    }

    /// Every signal is news, so what holds is in which run it was sent.
    private static func standing(_ key: String, _ signals: [SignalReport], inRunOf started: Timestamp) -> Condition {
        let first = signals[0]
        let name = signals.count == 1 ? first.name : first.subject
        let what =
            "\(name): \(first.signal) for \(named(eachOnce(signals.flatMap(\.lineages)).sorted()))"
        let troubles = signals.compactMap { $0.outcome.trouble(besides: []) }
        guard let trouble = troubles.first else {
            let count = signals.count == 1 ? "" : ", to \(signals.count) containers"
            return Condition(key: key, value: "\(started)", line: what + count)
        }
        let count = signals.count == 1 ? "" : " for \(troubles.count) of \(signals.count) containers"
        return Condition(
            key: key,
            value: trouble.value,
            line: "\(what) failed\(count): \(eachOnce(troubles.map(\.text)).joined(separator: "; "))",
            level: .error,
            isProblem: true,
            recovery: "\(name): \(first.signal) is no longer owed"
        )
    }
}

extension SignalReport {
    /// The service, of whose name the engine makes its tasks' (`proxy.1.x5k…`), or the container itself.
    fileprivate var subject: String { String(name.prefix { $0 != "." }) }
}

extension SecretReport {
    /// That nothing had to be done is no news.
    func standing(inRunOf started: Timestamp) -> Condition? {
        guard outcome != .unchanged else { return nil }
        let trouble = outcome.trouble(besides: [])
        return Condition(
            key: "secret/\(service)",
            value: trouble?.value ?? "\(started)",
            line:
                "service \(service): \(trouble.map { "no certificate as a secret: \($0.text)" } ?? outcome.detail ?? "")",
            level: outcome.isFailure ? .error : trouble == nil ? .info : .warning,
            isProblem: trouble != nil,
            recovery: "service \(service): what kept its certificates from it is over"
        )
    }
}

extension ServingReport {
    /// That it is served is no news; that it is again is told by the recovery.
    var standing: Condition? {
        guard let trouble else { return nil }
        return Condition(
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
