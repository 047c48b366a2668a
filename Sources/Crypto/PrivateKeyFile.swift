import CCrypto
package import Model

extension Fingerprint {
    /// SHA-256 of the SubjectPublicKeyInfo (RFC 5280 §4.1) of the first private key in a PEM file.
    package init(ofKeyIn pem: [UInt8]) throws(CertificateFileError) {
        var digest = [UInt8](repeating: 0, count: 32)
        let result = unsafe pem.withUnsafeBytes { unsafe landfall_key_read($0.baseAddress, $0.count, &digest) }
        switch result {
        case LANDFALL_PEM_GOOD: self = unsafe digest.withUnsafeBytes { unsafe Fingerprint($0) }
        case LANDFALL_PEM_ABSENT: throw .noKey
        case LANDFALL_PEM_ENCRYPTED: throw .encryptedKey
        default: throw .brokenKey
        }
    }
}
