public import Model

/// The disk for looking only: everything that would write is refused.
public struct ReadOnlyFiles: Files {
    private let base: any Files

    public init(_ base: any Files) {
        self.base = base
    }

    public func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        try base.read(path, limit: limit, for: scope)
    }

    public func list(_ path: String, for scope: Scope) throws(FileError) -> [String] {
        try base.list(path, for: scope)
    }

    public func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation {
        try base.information(path, for: scope)
    }

    public func write(_ bytes: [UInt8], to path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    public func makeDirectory(_ path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    public func link(_ path: String, to target: String, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    public func grant(
        _ permissions: UInt32,
        to group: String,
        on path: String,
        for scope: Scope
    ) throws(FileError) -> Bool {
        throw refusal(path)
    }

    public func remove(_ path: String, for scope: Scope) throws(FileError) {
        throw refusal(path)
    }

    private func refusal(_ path: String) -> FileError {
        .failed(path, reason: "a dry run writes nothing")
    }
}
