import Crypto
import Glibc
package import Model
package import Ports

/// Groups that may read a certificate's files, and private keys.
extension SystemFiles {
    package func grant(
        _ permissions: UInt32,
        to group: String,
        on path: String,
        for scope: Scope
    ) throws(FileError) -> Bool {
        guard let number = Self.number(of: group) else { throw .failed(path, reason: "there is no group `\(group)`") }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .last(path) }
        let isTheirs = status.st_gid == number
        let mode = status.st_mode & 0o7777
        guard !isTheirs || mode & permissions != permissions else { return false }
        // The group first: another one must not get the permissions even for a moment.
        if !isTheirs {
            guard unsafe chown(path, uid_t.max, number) == 0 else { throw .last(path) }
        }
        guard unsafe chmod(path, mode | permissions) == 0 else { throw .last(path) }
        return true
    }

    private static func number(of group: String) -> gid_t? {
        if let number = gid_t(group) { return number }
        var entry = unsafe Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        let result = unsafe getgrnam_r(group, &entry, &buffer, buffer.count, &found)
        guard result == 0, let found = unsafe found else { return nil }
        return unsafe found.pointee.gr_gid
    }

    /// Far more than any key needs.
    private static let keyLimit = 256 << 10

    package func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        let pem = try read(path, limit: Self.keyLimit, for: scope)
        do throws(CertificateFileError) {
            return try Fingerprint(ofKeyIn: pem)
        } catch {
            throw .failed(path, reason: "\(error)")
        }
    }

    package func privateKey(at path: String, for scope: Scope) throws(FileError) -> Secret {
        Secret(String(decoding: try read(path, limit: Self.keyLimit, for: scope), as: UTF8.self))
    }
}
