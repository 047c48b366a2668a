package import Model

/// The port to the disk, for everything that is not the state store.
package protocol Files: Sendable {
    func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8]
    /// Names in a directory, sorted, without `.` and `..`.
    func list(_ path: String, for scope: Scope) throws(FileError) -> [String]
    func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation
    /// Writes a new file beside `path`, syncs it and renames it over; the mode holds from the first byte.
    func write(_ bytes: [UInt8], to path: String, mode: UInt32, for scope: Scope) throws(FileError)
    /// Makes the directory and its missing parents.
    func makeDirectory(_ path: String, mode: UInt32, for scope: Scope) throws(FileError)
    /// Makes `path` a symbolic link to `target`, unless it is that already. A file that was there is replaced at once.
    func link(_ path: String, to target: String, for scope: Scope) throws(FileError)
    /// Lets a group, given by name or number, have at least these permissions (of `0o070`) on what `path` leads to; returns
    /// whether something had to be changed for it.
    func grant(_ permissions: UInt32, to group: String, on path: String, for scope: Scope) throws(FileError) -> Bool
    /// Gives a file or directory another place in its file system, where nothing is yet, and makes the missing parents.
    func move(_ path: String, to destination: String, for scope: Scope) throws(FileError)
    /// Removes a file, or a directory with all that is in it (links are removed, never followed).
    func remove(_ path: String, for scope: Scope) throws(FileError)

    /// SHA-256 of the SubjectPublicKeyInfo (RFC 5280 §4.1) of the private key in the PEM file at `path`. A recording holds
    /// nothing else of a key.
    func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint
    /// The private key itself, for the Swarm's own store of secrets. In a replay it is empty.
    func privateKey(at path: String, for scope: Scope) throws(FileError) -> Secret

    /// Takes an advisory record lock on a file, as certbot does on its directories, and creates the file; returns false
    /// when another process holds the lock. This process can take a lock that it holds again.
    func lock(_ path: String, for scope: Scope) throws(FileError) -> Bool
    /// Releases a lock that was taken before, and removes its file.
    func unlock(_ path: String, for scope: Scope)
    func isLockedElsewhere(_ path: String, for scope: Scope) throws(FileError) -> Bool

    /// Tries in a folder whether its file system does what certbot needs: symbolic links, mode 0600, advisory record locks
    /// and renaming. Throws what it does not do, and leaves nothing behind.
    func tryFileSystem(of folder: String, for scope: Scope) throws(FileError)
}

package struct FileInformation: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable { case file, directory, other }

    package let kind: Kind
    package let size: Int
    package let modified: Timestamp
    /// Where the path leads, if it is a symbolic link; empty if it is none; nil where that was not recorded.
    package let link: String?

    package init(kind: Kind, size: Int, modified: Timestamp, link: String? = nil) {
        (self.kind, self.size, self.modified, self.link) = (kind, size, modified, link)
    }

    /// Whether it is a directory, and no link to one: links may lead around in circles.
    package var isOwnDirectory: Bool { kind == .directory && link?.isEmpty != false }
}

/// What went wrong with a path. *Missing* is a fact about the disk; everything else is "could not see".
package enum FileError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    case missing(String)
    case failed(String, reason: String)

    package var description: String {
        switch self {
        case .missing(let path): "\(path) does not exist"
        case .failed(let path, let reason): "\(path): \(reason)"
        }
    }

    private enum MissingCodingKeys: String, CodingKey { case _0 = "path" }
    private enum FailedCodingKeys: String, CodingKey { case _0 = "path", reason }
}
