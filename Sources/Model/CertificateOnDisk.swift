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
    /// Its identifier in renewal information (RFC 9773 §4.1); nil where it does not say who
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

/// A certificate's files, to be handed on.
public struct CertificatePair: Sendable {
    public let fingerprint: Fingerprint
    /// PEM: the certificate, then its chain.
    public let chain: String
    /// PEM.
    public let key: Secret

    public init(fingerprint: Fingerprint, chain: String, key: Secret) {
        (self.fingerprint, self.chain, self.key) = (fingerprint, chain, key)
    }
}

/// SHA-256 of the DER form of a certificate or of a public key, lower-case hexadecimal.
public struct Fingerprint: Hashable, Sendable, Codable, CustomStringConvertible {
    public let hex: String

    public init(hex: String) {
        self.hex = hex
    }

    public var description: String { String(hex.prefix(12)) }

    public init(from decoder: any Decoder) throws {
        hex = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}
