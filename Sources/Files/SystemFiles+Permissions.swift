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
            guard unsafe chown(path, uid_t.max, number) == 0 else {
                guard errno == EPERM, let reason = Self.reasonAgainstGranting(to: group) else { throw .last(path) }
                throw .failed(path, reason: reason)
            }
        }
        guard unsafe chmod(path, mode | permissions) == 0 else { throw .last(path) }
        return true
    }

    /// Why this process cannot give its files to a group, as a sentence that says what helps; nil if it can: its owner may,
    /// who is a member of the group, and who has CAP_CHOWN (chown(2)).
    package static func reasonAgainstGranting(to group: String) -> String? {
        guard let number = number(of: group) else {
            return "there is no group `\(group)` here; a group of another container or machine is named by its number"
        }
        guard getegid() != number, !hasChownCapability else { return nil }
        let count = getgroups(0, nil)
        var groups = [gid_t](repeating: 0, count: max(0, Int(count)))
        let found = unsafe getgroups(count, &groups)
        guard !groups.prefix(max(0, Int(found))).contains(number) else { return nil }
        return "LANDFALL_KEY_GROUP cannot work: the user \(geteuid()) is no member of the group \(group), and has no "
            + "CAP_CHOWN; add the group to Landfall's process, as docs/certificates.md shows for each deployment"
    }

    /// Bit 0 of the effective set (capabilities(7)).
    private static var hasChownCapability: Bool {
        let status = try? SystemFiles().read("/proc/self/status", limit: 64 << 10, for: .run)
        let line = String(decoding: status ?? [], as: UTF8.self).split(separator: "\n").first {
            $0.hasPrefix("CapEff:")
        }
        guard let text = line?.split(separator: "\t").last, let set = UInt64(text, radix: 16) else { return false }
        return set & 1 == 1
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
