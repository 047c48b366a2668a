/// A certificate in use, as it lies on the disk.
package struct CertificateOnDisk: Hashable, Sendable, Codable {
    /// The name under `live/`.
    package let lineage: String
    package let names: [DomainName]
    package let fingerprint: Fingerprint
    package let notBefore: Timestamp
    package let notAfter: Timestamp
    /// When the files were last changed.
    package let changed: Timestamp
    /// Its identifier in renewal information (RFC 9773 §4.1); nil where it does not say who issued it.
    package let renewalID: String?
    /// The ACME directory that certbot noted for its renewal; nil where it noted none that can be read.
    package let server: String?

    package init(
        lineage: String,
        names: [DomainName],
        fingerprint: Fingerprint,
        notBefore: Timestamp,
        notAfter: Timestamp,
        changed: Timestamp,
        renewalID: String? = nil,
        server: String? = nil
    ) {
        (self.lineage, self.names, self.fingerprint) = (lineage, names, fingerprint)
        (self.notBefore, self.notAfter, self.changed) = (notBefore, notAfter, changed)
        (self.renewalID, self.server) = (renewalID, server)
    }
}

/// A certificate's files, to be handed on.
package struct CertificatePair: Sendable {
    package let fingerprint: Fingerprint
    /// PEM: the certificate, then its chain.
    package let chain: String
    /// PEM.
    package let key: Secret

    package init(fingerprint: Fingerprint, chain: String, key: Secret) {
        (self.fingerprint, self.chain, self.key) = (fingerprint, chain, key)
    }
}

/// SHA-256 of the DER form of a certificate or of a public key, lower-case hexadecimal.
package struct Fingerprint: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package init(hex: String) { rawValue = hex }

    package var hex: String { rawValue }

    package var description: String { String(hex.prefix(12)) }
}
