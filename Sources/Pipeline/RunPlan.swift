public import Certificates
public import Discovery
public import Model
public import Records
public import Signals

/// What a run would do, read and decided without a single write.
public struct RunPlan: Sendable {
    public let discovered: Observation<Discovered>
    /// Nil when no host needs it.
    public let address: Observation<IPAddress>?
    public let records: RecordPlan
    public let certificates: CertificatePlan
    /// As it would be once the certificates are there.
    public let signals: Observation<SignalPlan>
    /// What kept providers from being read.
    public let failures: [String]
}
