public import Model

/// What one run would do to the certificates, lineage by lineage.
public struct CertificatePlan: Hashable, Sendable {
    public let steps: [CertificateStep]

    public init(steps: [CertificateStep]) {
        self.steps = steps
    }

    /// Whether certbot is needed.
    public var hasOrders: Bool { steps.contains(where: \.isOrder) }
}

public struct CertificateStep: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        /// None is there, or not for these names, or not with its key; a clause that says which.
        case issue(String)
        case renew(notAfter: Timestamp)
        case keep(notAfter: Timestamp)
        /// We will not; a clause that says why.
        case refuse(String)
        /// We cannot now; a clause that says why.
        case wait(String)
    }

    /// The name under `live/`.
    public let lineage: String
    public let names: [DomainName]
    /// Those who will use it: the names themselves, or, of a wildcard, the hosts that asked for it.
    public let hosts: [DomainName]
    public let action: Action

    public init(lineage: String, names: [DomainName], hosts: [DomainName]? = nil, action: Action) {
        (self.lineage, self.names, self.hosts, self.action) = (lineage, names, hosts ?? names, action)
    }
}

public struct CertificateResult: Hashable, Sendable {
    public let lineage: String
    public let names: [DomainName]
    /// As in the step.
    public let hosts: [DomainName]
    public let outcome: Outcome
    /// Of what is on disk now; nil when nothing usable is.
    public let onDisk: CertificateOnDisk?

    public init(
        lineage: String,
        names: [DomainName],
        hosts: [DomainName]? = nil,
        outcome: Outcome,
        onDisk: CertificateOnDisk?
    ) {
        (self.lineage, self.names, self.hosts) = (lineage, names, hosts ?? names)
        (self.outcome, self.onDisk) = (outcome, onDisk)
    }
}
