public import Address
public import Certificates
public import DNS
public import Discovery
public import Model
public import Records
public import Signals

/// What a run would do, read and decided without a single write.
public struct RunPlan: Sendable {
    public let discovered: Observation<Discovered>
    public let zones: ZoneDirectory
    /// Under the names that are served.
    public let hosts: [DesiredHost]
    /// Nil when no host needs it.
    public let addresses: AddressFindings?
    public let records: RecordPlan
    public let certificates: CertificatePlan
    /// As it would be once the certificates are there.
    public let signals: Observation<SignalPlan>
    /// Of every service that wants certificates as secrets, once these are there.
    public let secrets: Observation<[SecretResult]>
    /// What is used up of the requests that the providers take.
    public let budgets: [RequestBudget]
}
