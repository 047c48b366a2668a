import CCrypto
package import Model

/// Bytes that only the holder of a secret can read, and that cannot be changed unnoticed.
///
/// The format: the magic `LANDFALL`, the version 1, a salt of 16 bytes, a nonce of 12, and AES-256-GCM's ciphertext and tag over all
/// of it. The key is made by scrypt, and not by HKDF, because an owner may choose a passphrase that can be guessed: scrypt makes each
/// guess cost 32 MiB and a tenth of a second.
package enum SealedBytes {
    private static let magic = Array("LANDFALL".utf8)
    private static let version: UInt8 = 1
    private static let (saltLength, nonceLength) = (16, 12)
    private static let headerLength = magic.count + 1 + saltLength + nonceLength

    package static func seal(_ bytes: [UInt8], with secret: Secret) throws(SealError) -> [UInt8] {
        let (salt, nonce) = (try random(saltLength), try random(nonceLength))
        let header = magic + [version] + salt + nonce
        guard let sealed = AES256GCM.seal(bytes, key: try key(secret, salt), nonce: nonce, header: header) else {
            throw .failed
        }
        return header + sealed
    }

    package static func open(_ sealed: [UInt8], with secret: Secret) throws(SealError) -> [UInt8] {
        guard isSealed(sealed) else { throw .notSealed }
        guard sealed[magic.count] == version else { throw .unknownVersion(sealed[magic.count]) }
        guard sealed.count >= headerLength + AES256GCM.tagLength else { throw .wrongSecret }
        let header = Array(sealed[..<headerLength])
        let salt = Array(header[(magic.count + 1)...].prefix(saltLength))
        let nonce = Array(header.suffix(nonceLength))
        let content = Array(sealed[headerLength...])
        guard let bytes = AES256GCM.open(content, key: try key(secret, salt), nonce: nonce, header: header) else {
            throw .wrongSecret
        }
        return bytes
    }

    package static func isSealed(_ bytes: [UInt8]) -> Bool { bytes.count > magic.count && bytes.starts(with: magic) }

    private static func key(_ secret: Secret, _ salt: [UInt8]) throws(SealError) -> [UInt8] {
        guard let key = Scrypt(cost: 1 << 15).key(of: Array(secret.revealed.utf8), salt: salt, length: 32) else {
            throw .failed
        }
        return key
    }

    private static func random(_ count: Int) throws(SealError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe landfall_random(&bytes, count) == 1 else { throw .failed }
        return bytes
    }
}

/// Why bytes are not sealed or opened. The description is a clause that follows what it is about.
package enum SealError: Error, Hashable, Sendable, CustomStringConvertible {
    case notSealed, unknownVersion(UInt8), wrongSecret
    /// No memory for it, or no randomness.
    case failed

    package var description: String {
        switch self {
        case .notSealed: "is not encrypted by Landfall"
        case .unknownVersion(let version): "is encrypted in the format \(version), which a newer Landfall reads"
        case .wrongSecret: "is encrypted with another key, or damaged"
        case .failed: "cannot be encrypted or decrypted: libcrypto has no memory (it needs 33 MiB) or no randomness"
        }
    }
}

/// The password-based key derivation of RFC 7914.
struct Scrypt {
    let cost: UInt64
    var blockSize: UInt64 = 8
    var parallelization: UInt64 = 1

    /// Nil if there is too little memory.
    func key(of secret: [UInt8], salt: [UInt8], length: Int) -> [UInt8]? {
        var key = [UInt8](repeating: 0, count: length)
        let done = unsafe landfall_scrypt(
            secret,
            secret.count,
            salt,
            salt.count,
            cost,
            blockSize,
            parallelization,
            &key,
            length
        )
        return done == 1 ? key : nil
    }
}

/// The authenticated encryption of NIST SP 800-38D.
enum AES256GCM {
    static let tagLength = 16

    /// The ciphertext and its tag. A nonce is never used twice with one key. The header is only authenticated.
    static func seal(_ bytes: [UInt8], key: [UInt8], nonce: [UInt8], header: [UInt8]) -> [UInt8]? {
        guard key.count == 32, nonce.count == 12 else { return nil }
        var sealed = [UInt8](repeating: 0, count: bytes.count + tagLength)
        let done = unsafe landfall_aes256gcm_seal(key, nonce, header, header.count, bytes, bytes.count, &sealed)
        return done == 1 ? sealed : nil
    }

    /// Nil if the tag does not fit.
    static func open(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], header: [UInt8]) -> [UInt8]? {
        guard key.count == 32, nonce.count == 12, sealed.count >= tagLength else { return nil }
        var bytes = [UInt8](repeating: 0, count: sealed.count - tagLength)
        let done = unsafe landfall_aes256gcm_open(key, nonce, header, header.count, sealed, sealed.count, &bytes)
        return done == 1 ? bytes : nil
    }
}
