package import Model

/// One certificate: what was decided about it and why, and what became of that.
package struct CertificateReport: Sendable, Codable, Hashable {
    package enum Action: String, Sendable, Codable {
        case issue, renew, keep
        /// Landfall ordered it and no label requests it any more: it is neither renewed nor deleted.
        case leave
        case refuse, wait
    }

    /// Its name under `live/`.
    package let lineage: String
    package let names: [DomainName]
    /// The hosts that use it; none if no label requests it any more. A certificate may be issued for some and refused to
    /// others, in a report each.
    package let hosts: [DomainName]
    package let action: Action
    /// Why it is issued, refused or has to wait.
    package let reason: String?
    package let outcome: Outcome
    /// Of what is on disk now.
    package let fingerprint: Fingerprint?
    package let notBefore: Timestamp?
    package let notAfter: Timestamp?
    /// When it is to be renewed, and the rule that says so; nil where there is none to renew.
    package let renewFrom: Timestamp?
    package let rule: String?
    /// The lineage whose certificate serves the names instead.
    package let servedBy: String?
    /// Sentences about what is on disk that a person may want to know.
    package let remarks: [String]
    /// A sentence about its files on disk that a person should act on.
    package let warning: String?
    /// Whether nothing but a person can help, who is reminded every day; nil where not.
    package let needsPerson: Bool?

    package init(
        lineage: String,
        names: [DomainName]? = nil,
        hosts: [DomainName],
        action: Action = .keep,
        reason: String? = nil,
        outcome: Outcome,
        fingerprint: Fingerprint?,
        notBefore: Timestamp? = nil,
        notAfter: Timestamp?,
        renewFrom: Timestamp? = nil,
        rule: String? = nil,
        servedBy: String? = nil,
        remarks: [String] = [],
        warning: String? = nil,
        needsPerson: Bool? = nil
    ) {
        (self.lineage, self.names, self.hosts) = (lineage, names ?? hosts, hosts)
        (self.action, self.outcome) = (action, outcome.shortened)
        self.reason = reason.map { sanitized($0, limit: Outcome.textLimit) }
        (self.fingerprint, self.notBefore, self.notAfter) = (fingerprint, notBefore, notAfter)
        (self.renewFrom, self.rule, self.servedBy) = (renewFrom, rule, servedBy)
        (self.remarks, self.warning) = (remarks.map { sanitized($0, limit: Outcome.textLimit) }, warning)
        self.needsPerson = needsPerson
    }

    /// The sentence for a certificate that no host requests.
    package var unrequestedText: String {
        let until = notAfter.map { "; valid until \($0.day)" } ?? ""
        return "\(lineage): no host asks for this certificate any longer; it is not renewed, nor deleted\(until)"
    }
}

extension Sequence<CertificateReport> {
    /// The certificates that each host uses, in their order.
    package var byHost: [DomainName: [CertificateReport]] {
        reduce(into: [:]) { hosts, certificate in
            for host in certificate.hosts { hosts[host, default: []].append(certificate) }
        }
    }
}

/// A signal to one container, and what became of it.
package struct SignalReport: Sendable, Codable, Hashable {
    /// What became of a signal, without the reason.
    package enum Delivery: String, Hashable, Sendable, Codable {
        case signalled, gone, refused
        case notRunning = "not running"
        /// It ended at the signal.
        case ended
        /// It got no signal, because another container of its service ended at it.
        case heldBack = "held back"
        /// The word is that of older versions, which other nodes may run.
        case pending = "owed"
    }

    package let container: String
    package let name: String
    package let signal: String
    /// The certificates that it is told of.
    package let lineages: [String]
    /// Nil in a plan.
    package let result: Delivery?
    package let outcome: Outcome

    /// `proxy.1`, for people.
    package var displayName: String { Model.displayName(ofContainer: name) }

    package init(
        container: String,
        name: String,
        signal: String,
        lineages: [String],
        result: Delivery? = nil,
        outcome: Outcome
    ) {
        (self.container, self.name, self.signal) = (container, name, signal)
        (self.lineages, self.result, self.outcome) = (lineages, result, outcome.shortened)
    }
}

/// A service that requests certificates as secrets.
package struct SecretReport: Sendable, Codable, Hashable {
    package let service: String
    package let outcome: Outcome
    /// Whether an update of its containers began now, or is awaited.
    package let isInProgress: Bool

    package init(service: String, outcome: Outcome, isInProgress: Bool = false) {
        self.service = sanitized(service, limit: 255)
        (self.outcome, self.isInProgress) = (outcome.shortened, isInProgress)
    }
}

/// Whether a host serves the certificate on disk.
package struct ServingReport: Sendable, Codable, Hashable {
    package let host: DomainName
    /// `HOST:PORT`
    package let endpoint: String
    /// Why it does not; nil when it does.
    package let reason: String?

    private enum CodingKeys: String, CodingKey { case host, endpoint, reason = "trouble" }

    package init(host: DomainName, endpoint: String, reason: String?) {
        (self.host, self.endpoint) = (host, endpoint)
        self.reason = reason.map { sanitized($0, limit: Outcome.textLimit) }
    }

    package var isServed: Bool { reason == nil }
}

extension [ServingReport] {
    /// With what is known of why a host is not served.
    package func explained(by hints: [Hint]) -> [ServingReport] {
        map { report in
            guard let reason = report.reason else { return report }
            let causes = hints.filter { $0.isAbout(report.host) }.map(\.text)
            let words = ([reason] + causes).joined(separator: "; ")
            return ServingReport(host: report.host, endpoint: report.endpoint, reason: words)
        }
    }
}
