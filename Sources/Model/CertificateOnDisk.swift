/// A certificate in use, as it lies on the disk.
public struct CertificateOnDisk: Hashable, Sendable, Codable {
    /// The name under `live/`.
    public let lineage: String
    public let names: [DomainName]
    public let fingerprint: Fingerprint
    public let notBefore: Timestamp
    public let notAfter: Timestamp
    /// When the files were last changed.
    public let changed: Timestamp

    public init(
        lineage: String,
        names: [DomainName],
        fingerprint: Fingerprint,
        notBefore: Timestamp,
        notAfter: Timestamp,
        changed: Timestamp
    ) {
        self.lineage = lineage
        self.names = names
        self.fingerprint = fingerprint
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.changed = changed
    }
}
