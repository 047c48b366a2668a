public import Model

/// The port to the disk, for everything that is not the state store.
public protocol Files: Sendable {
    func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8]
    /// Names in a directory, sorted, without `.` and `..`.
    func list(_ path: String, for scope: Scope) throws(FileError) -> [String]
    func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation
    /// Writes a new file beside `path`, syncs it and renames it over; the mode holds from the first byte.
    func write(_ bytes: [UInt8], to path: String, mode: UInt32, for scope: Scope) throws(FileError)
    /// Makes the directory and its missing parents.
    func makeDirectory(_ path: String, mode: UInt32, for scope: Scope) throws(FileError)
    /// Makes `path` a symbolic link to `target`, unless it is that already.
    func link(_ path: String, to target: String, for scope: Scope) throws(FileError)
    /// Lets a group, given by name or number, have at least these permissions (of `0o070`) on what `path` leads to; returns
    /// whether something had to be changed for it.
    func grant(_ permissions: UInt32, to group: String, on path: String, for scope: Scope) throws(FileError) -> Bool
    /// Removes a file, or a directory with all that is in it (links are removed, never followed).
    func remove(_ path: String, for scope: Scope) throws(FileError)
}

public struct FileInformation: Sendable, Hashable {
    public enum Kind: Sendable { case file, directory, other }

    public let kind: Kind
    public let size: Int
    public let modified: Timestamp

    public init(kind: Kind, size: Int, modified: Timestamp) {
        (self.kind, self.size, self.modified) = (kind, size, modified)
    }
}

/// What went wrong with a path. *Missing* is a fact about the disk; everything else is "could not see".
public enum FileError: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(String)
    case failed(String, reason: String)

    public var description: String {
        switch self {
        case .missing(let path): "\(path) does not exist"
        case .failed(let path, let reason): "\(path): \(reason)"
        }
    }
}
