import CCrypto
import Model

/// Digests in lower-case hexadecimal.
package enum Digest {
    /// SHA-256 (FIPS 180-4).
    package static func sha256(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        _ = unsafe bytes.withUnsafeBytes { unsafe landfall_sha256($0.baseAddress, $0.count, &digest) }
        return hexadecimal(digest)
    }

    /// HMAC-SHA-256 (RFC 2104).
    package static func hmac(_ bytes: [UInt8], key: String) -> String {
        let key = Array(key.utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        _ = unsafe key.withUnsafeBytes { key in
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe landfall_hmac_sha256(key.baseAddress, key.count, bytes.baseAddress, bytes.count, &digest)
            }
        }
        return hexadecimal(digest)
    }
}
