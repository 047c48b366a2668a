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
