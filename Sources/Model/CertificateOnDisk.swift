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
    /// What its authority calls it when asked for renewal information (RFC 9773 §4.1); nil where it does not say who
    /// issued it.
    public let renewalID: String?
    /// The ACME directory that certbot noted for its renewal; nil where it noted none that can be read.
    public let server: String?

    public init(
        lineage: String,
        names: [DomainName],
        fingerprint: Fingerprint,
        notBefore: Timestamp,
        notAfter: Timestamp,
        changed: Timestamp,
        renewalID: String? = nil,
        server: String? = nil
    ) {
        self.lineage = lineage
        self.names = names
        self.fingerprint = fingerprint
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.changed = changed
        self.renewalID = renewalID
        self.server = server
    }
}
