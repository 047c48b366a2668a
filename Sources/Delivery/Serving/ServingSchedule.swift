import Model

/// When which endpoint is asked for which certificate. Hosts that share both have one probe. Pure.
struct ServingSchedule: Sendable {
    /// How long to wait after a probe that failed; it doubles with each.
    static let firstPause: Duration = .seconds(30)
    static let longestPause: Duration = .seconds(1800)

    /// One probe.
    struct Probe: Hashable, Sendable {
        /// The name that is asked for: the first of those that share the certificate.
        let host: DomainName
        let endpoint: ProbeEndpoint
        let fingerprint: Fingerprint
        /// Until when it is repeated if it fails.
        let freshUntil: Duration

        fileprivate var target: Target { Target(endpoint: endpoint, fingerprint: fingerprint) }
    }

    enum Result: Hashable, Sendable {
        case passed
        /// Why the certificate is not served.
        case failed(String)
        /// The time for all was over.
        case notAsked
    }

    fileprivate struct Target: Hashable, Sendable {
        let endpoint: ProbeEndpoint
        let fingerprint: Fingerprint
    }

    private struct Attempt {
        var checks: [ServingCheck] = []
        /// By the clock's uptime; nil while a probe is in flight, or if none is due.
        var due: Duration?
        var freshUntil: Duration = .zero
        var failures = 0
        /// It is due as soon as its hosts are no longer postponed.
        var isPostponed = false
    }

    private var attempts: [Target: Attempt] = [:]

    /// Sets what is checked from now on. What is new is due, and what was postponed.
    mutating func ask(for checks: [ServingCheck], postponing hosts: Set<DomainName>, at now: Duration) {
        let wanted = Dictionary(grouping: checks) { Target(endpoint: $0.endpoint, fingerprint: $0.fingerprint) }
        let last = attempts
        attempts = [:]
        for (target, checks) in wanted {
            var attempt = last[target] ?? Attempt(due: now)
            attempt.checks = checks
            let isPostponed = checks.contains { hosts.contains($0.host) }
            if isPostponed { attempt.due = nil } else if attempt.isPostponed { attempt.due = now }
            attempt.isPostponed = isPostponed
            attempts[target] = attempt
        }
    }

    /// Makes everything due, whatever the last results are.
    mutating func makeDue(at now: Duration, freshUntil: Duration = .zero) {
        for target in attempts.keys where attempts[target]?.isPostponed == false {
            attempts[target]?.due = now
            attempts[target]?.freshUntil = freshUntil
        }
    }

    /// Makes due what passed last time; what failed has its own times.
    mutating func makePassedDue(at now: Duration) {
        for (target, attempt) in attempts where !attempt.isPostponed && attempt.failures == 0 {
            attempts[target]?.due = now
        }
    }

    var nextDue: Duration? { attempts.values.compactMap(\.due).min() }

    /// The probes that are due; they are in flight until `end`.
    mutating func begin(at now: Duration) -> [Probe] {
        var probes: [Probe] = []
        for (target, attempt) in attempts {
            guard let due = attempt.due, due <= now, let host = attempt.checks.map(\.host).min() else { continue }
            attempts[target]?.due = nil
            let (endpoint, fingerprint) = (target.endpoint, target.fingerprint)
            probes.append(
                Probe(host: host, endpoint: endpoint, fingerprint: fingerprint, freshUntil: attempt.freshUntil)
            )
        }
        return probes.sorted { ($0.host.text, "\($0.endpoint)") < ($1.host.text, "\($1.endpoint)") }
    }

    /// Notes a result. Returns the reasons to store, by check; nil if the certificate is served.
    mutating func end(_ probe: Probe, _ result: Result, at now: Duration) -> [String: String?] {
        // Something else may be wanted by now.
        guard var attempt = attempts[probe.target] else { return [:] }
        var pause: Duration?
        var reason: String?
        switch result {
        case .passed: attempt.failures = 0
        case .failed(let text):
            reason = text
            attempt.failures += 1
            pause = min(Self.firstPause * (1 << min(attempt.failures - 1, 10)), Self.longestPause)
        case .notAsked: pause = Self.firstPause
        }
        // A request that came meanwhile stands.
        if attempt.due == nil, !attempt.isPostponed { attempt.due = pause.map { now + $0 } }
        attempts[probe.target] = attempt
        guard result != .notAsked else { return [:] }
        return Dictionary(attempt.checks.map { ($0.key, reason) }) { first, _ in first }
    }
}
