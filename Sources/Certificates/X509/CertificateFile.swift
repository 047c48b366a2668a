import CCrypto
public import Model

/// The certificate of a PEM file such as certbot's `fullchain.pem`: the first one in it.
public struct CertificateFile: Hashable, Sendable {
    /// Its subjectAltName dNSNames, as far as they are host names. The subject's common name counts for nothing
    /// (RFC 9525 §2).
    public let names: [DomainName]
    public let notBefore: Timestamp
    public let notAfter: Timestamp
    public let fingerprint: Fingerprint
    /// SubjectPublicKeyInfo in DER (RFC 5280 §4.1).
    let publicKey: [UInt8]

    /// Reads the file's bytes. Every certificate in it must be readable, so that a file cut short is noticed.
    public init(pem: [UInt8]) throws(CertificateFileError) {
        var read = unsafe landfall_certificate()
        let result = unsafe pem.withUnsafeBytes { unsafe landfall_certificate_read($0.baseAddress, $0.count, &read) }
        switch result {
        case LANDFALL_PEM_GOOD: break
        case LANDFALL_PEM_ABSENT: throw .noCertificate
        default: throw .brokenCertificate
        }
        defer { unsafe landfall_certificate_free(&read) }
        names = unsafe String(cString: read.dns_names).split(separator: "\n").compactMap { try? DomainName($0) }
        notBefore = Self.timestamp(unsafe read.not_before)
        notAfter = Self.timestamp(unsafe read.not_after)
        fingerprint = Fingerprint(hex: unsafe withUnsafeBytes(of: &read.sha256) { unsafe hexadecimal($0) })
        publicKey = unsafe Array(UnsafeBufferPointer(start: read.public_key, count: Int(read.public_key_length)))
    }

    /// Certificates may say "no end" as the year 9999 (RFC 5280 §4.1.2.5), which a `Timestamp` cannot hold: they last
    /// until 2262 here, and begin in 1970 at the earliest, so that any two can be compared.
    private static func timestamp(_ seconds: Int64) -> Timestamp {
        Timestamp(seconds: min(max(seconds, 0), Int64.max / 1_000_000_000))
    }

    /// Whether the private key in the file's bytes is this certificate's own.
    public func matches(privateKey pem: [UInt8]) throws(CertificateFileError) -> Bool {
        var key: UnsafeMutablePointer<UInt8>?
        var length: Int32 = 0
        let result = unsafe pem.withUnsafeBytes {
            unsafe landfall_key_read($0.baseAddress, $0.count, &key, &length)
        }
        switch result {
        case LANDFALL_PEM_GOOD: break
        case LANDFALL_PEM_ABSENT: throw .noKey
        case LANDFALL_PEM_ENCRYPTED: throw .encryptedKey
        default: throw .brokenKey
        }
        defer { unsafe landfall_free(key) }
        return unsafe UnsafeBufferPointer(start: key, count: Int(length)).elementsEqual(publicKey)
    }
}

/// Why a file is of no use; the description is a clause that follows the file's path.
public enum CertificateFileError: Error, Hashable, Sendable, CustomStringConvertible {
    case noCertificate, brokenCertificate, noKey, brokenKey, encryptedKey

    public var description: String {
        switch self {
        case .noCertificate: "holds no certificate in PEM form"
        case .brokenCertificate: "holds a certificate that is damaged or cut short"
        case .noKey: "holds no private key in PEM form"
        case .brokenKey: "holds a private key that is damaged or cut short"
        case .encryptedKey: "holds a private key that is locked with a password"
        }
    }
}

private func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
    unsafe bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}
