import CCrypto
import FoundationEssentials
package import Model

/// The certificate of a PEM file such as certbot's `fullchain.pem`: the first one in it.
package struct CertificateFile: Hashable, Sendable {
    /// Its subjectAltName dNSNames, as far as they are host names. The subject's common name does not count (RFC 9525 §2).
    package let names: [DomainName]
    package let notBefore: Timestamp
    package let notAfter: Timestamp
    package let fingerprint: Fingerprint
    /// The fingerprint of its SubjectPublicKeyInfo (RFC 5280 §4.1).
    package let publicKey: Fingerprint
    /// The identifier for asking about renewal: base64url of its authority's key identifier, a dot, and of its serial number
    /// (RFC 9773 §4.1); nil where the certificate has no such identifier.
    package let renewalID: String?

    /// Reads the file's bytes. Every certificate in it must be readable, so that a file cut short is noticed.
    package init(pem: [UInt8]) throws(CertificateFileError) {
        var read = unsafe landfall_certificate()
        let result = unsafe pem.withUnsafeBytes { unsafe landfall_certificate_read($0.baseAddress, $0.count, &read) }
        switch result {
        case LANDFALL_PEM_GOOD: break
        case LANDFALL_PEM_ABSENT: throw .noCertificate
        default: throw .brokenCertificate
        }
        defer { unsafe landfall_certificate_free(&read) }
        names = unsafe String(outside: String(cString: read.dns_names)).split(separator: "\n").compactMap {
            try? DomainName($0)
        }
        notBefore = Self.timestamp(unsafe read.not_before)
        notAfter = Self.timestamp(unsafe read.not_after)
        fingerprint = unsafe withUnsafeBytes(of: &read.sha256) { unsafe Fingerprint($0) }
        publicKey = unsafe withUnsafeBytes(of: &read.key_sha256) { unsafe Fingerprint($0) }
        let (authority, serial) = unsafe (read.authority_key_length, read.serial_length)
        let issuer = unsafe withUnsafeBytes(of: &read.authority_key) { unsafe base64URL($0.prefix(authority)) }
        let number = unsafe withUnsafeBytes(of: &read.serial) { unsafe base64URL($0.prefix(serial)) }
        renewalID = issuer.isEmpty || number.isEmpty ? nil : "\(issuer).\(number)"
    }

    /// Limited to 1970 … 2262, so that any two can be compared: a certificate without an end has the year 9999 (RFC 5280
    /// §4.1.2.5).
    private static func timestamp(_ seconds: Int64) -> Timestamp {
        Timestamp(seconds: min(max(seconds, 0), Int64.max / 1_000_000_000))
    }
}

/// Why a file cannot be used. The description is a clause that follows the file's path.
package enum CertificateFileError: Error, Hashable, Sendable, CustomStringConvertible {
    case noCertificate, brokenCertificate, noKey, brokenKey, encryptedKey

    package var description: String {
        switch self {
        case .noCertificate: "holds no certificate in PEM form"
        case .brokenCertificate: "holds a certificate that is damaged or cut short"
        case .noKey: "holds no private key in PEM form"
        case .brokenKey: "holds a private key that is damaged or cut short"
        case .encryptedKey: "holds a private key that is encrypted with a password"
        }
    }
}

extension Fingerprint {
    fileprivate init(_ digest: UnsafeRawBufferPointer) { self.init(hex: unsafe hexadecimal(digest)) }

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

/// Base64 in the alphabet that is safe in URLs, without padding (RFC 4648 §5).
private func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    let text = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    return String(text.prefix { $0 != "=" })
}
