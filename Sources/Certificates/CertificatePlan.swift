public import Model

/// What one run would do to the certificates, lineage by lineage.
public struct CertificatePlan: Hashable, Sendable {
    public let steps: [CertificateStep]

    public init(steps: [CertificateStep]) {
        self.steps = steps
    }
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
    public let action: Action

    public init(lineage: String, names: [DomainName], action: Action) {
        (self.lineage, self.names, self.action) = (lineage, names, action)
    }
}

public struct CertificateResult: Hashable, Sendable {
    public let lineage: String
    public let names: [DomainName]
    public let outcome: Outcome
    /// Of what is on disk now; nil when nothing usable is.
    public let onDisk: CertificateOnDisk?

    public init(lineage: String, names: [DomainName], outcome: Outcome, onDisk: CertificateOnDisk?) {
        (self.lineage, self.names, self.outcome, self.onDisk) = (lineage, names, outcome, onDisk)
    }
}
