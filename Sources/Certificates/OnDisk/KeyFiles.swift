import CCrypto
import Files
public import Model
public import Ports

/// The port to private keys: their bytes pass through no other port and are in no recording.
public protocol KeyFiles: Sendable {
    /// SHA-256 of the SubjectPublicKeyInfo (RFC 5280 §4.1) of the private key in the PEM file at `path`.
    func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint

    /// The key itself, for the Swarm's secrets. In a replay it is empty.
    func key(at path: String, for scope: Scope) throws(FileError) -> Secret
}

public struct SystemKeyFiles: KeyFiles {
    /// Far more than any key needs.
    private static let limit = 256 << 10

    public init() {}

    public func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        let pem = try SystemFiles().read(path, limit: Self.limit, for: scope)
        do throws(CertificateFileError) {
            return try Self.fingerprint(of: pem)
        } catch {
            throw .failed(path, reason: "\(error)")
        }
    }

    public func key(at path: String, for scope: Scope) throws(FileError) -> Secret {
        let pem = try SystemFiles().read(path, limit: Self.limit, for: scope)
        return Secret(String(decoding: pem, as: UTF8.self))
    }

    private static func fingerprint(of pem: [UInt8]) throws(CertificateFileError) -> Fingerprint {
        var digest = [UInt8](repeating: 0, count: 32)
        let result = unsafe pem.withUnsafeBytes { unsafe landfall_key_read($0.baseAddress, $0.count, &digest) }
        switch result {
        case LANDFALL_PEM_GOOD: return unsafe digest.withUnsafeBytes { unsafe Fingerprint($0) }
        case LANDFALL_PEM_ABSENT: throw .noKey
        case LANDFALL_PEM_ENCRYPTED: throw .encryptedKey
        default: throw .brokenKey
        }
    }
}
