import Model
import Ports

/// The disk, recorded or replayed: everything that is read except keys and accounts, and nothing that is written.
struct RecordedFiles: Files {
    let calls: PortCalls<any Files>
    /// What may be recorded of a file.
    var recordable: @Sendable (_ path: String, _ bytes: [UInt8]) -> [UInt8] = { $1 }

    func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        try calls.onDisk(
            "read \(path)",
            for: scope,
            failure: { .failed(path, reason: $0) },
            size: \.wrappedValue.count,
            isWithheld: { Self.isWithheld(path, $0.wrappedValue) },
            recordable: { [recordable] in Bytes(recordable(path, $0.wrappedValue)) }
        ) { files throws(FileError) in
            Bytes(try files.read(path, limit: limit, for: scope))
        }.wrappedValue
    }

    func list(_ path: String, for scope: Scope) throws(FileError) -> [String] {
        try recorded("list", path, scope) { files throws(FileError) in try files.list(path, for: scope) }
    }

    func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation {
        try recorded("information", path, scope) { files throws(FileError) in try files.information(path, for: scope) }
    }

    func write(_ bytes: [UInt8], to path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        try done("write", path, scope) { files throws(FileError) in
            try files.write(bytes, to: path, mode: mode, for: scope)
        }
    }

    func makeDirectory(_ path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        try done("makeDirectory", path, scope) { files throws(FileError) in
            try files.makeDirectory(path, mode: mode, for: scope)
        }
    }

    func link(_ path: String, to target: String, for scope: Scope) throws(FileError) {
        try done("link", path, scope) { files throws(FileError) in try files.link(path, to: target, for: scope) }
    }

    func grant(_ permissions: UInt32, to group: String, on path: String, for scope: Scope) throws(FileError) -> Bool {
        try recorded("grant", path, scope) { files throws(FileError) in
            try files.grant(permissions, to: group, on: path, for: scope)
        }
    }

    func move(_ path: String, to destination: String, for scope: Scope) throws(FileError) {
        try done("move to \(destination)", path, scope) { files throws(FileError) in
            try files.move(path, to: destination, for: scope)
        }
    }

    func remove(_ path: String, for scope: Scope) throws(FileError) {
        try done("remove", path, scope) { files throws(FileError) in try files.remove(path, for: scope) }
    }

    func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        try recorded("publicKeyFingerprint", path, scope) { files throws(FileError) in
            try files.publicKeyFingerprint(at: path, for: scope)
        }
    }

    /// Of the key itself only whether it could be read is recorded.
    func privateKey(at path: String, for scope: Scope) throws(FileError) -> Secret {
        var key = Secret("")
        try done("privateKey", path, scope) { files throws(FileError) in
            key = try files.privateKey(at: path, for: scope)
        }
        return key
    }

    func lock(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try recorded("lock", path, scope) { files throws(FileError) in try files.lock(path, for: scope) }
    }

    func unlock(_ path: String, for scope: Scope) {
        if case .recorded(let files, _) = calls.source { files.unlock(path, for: scope) }
    }

    func isLockedElsewhere(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try recorded("isLockedElsewhere", path, scope) { files throws(FileError) in
            try files.isLockedElsewhere(path, for: scope)
        }
    }

    /// Recordings that were made before this was tried have no answer: the orders in them were placed.
    func tryFileSystem(of folder: String, for scope: Scope) throws(FileError) {
        _ = try calls.onDisk(
            "tryFileSystem \(folder)",
            for: scope,
            failure: { .failed(folder, reason: $0) },
            standard: Done()
        ) { files throws(FileError) in
            try files.tryFileSystem(of: folder, for: scope)
            return Done()
        }
    }

    /// Whether only the size of a file may be recorded: it holds a private key, or is part of an ACME account.
    private static func isWithheld(_ path: String, _ bytes: [UInt8]) -> Bool {
        path.split(separator: "/").contains("accounts") || bytes.firstRange(of: "PRIVATE KEY".utf8) != nil
    }

    private func recorded<Value: Codable & Hashable & Sendable>(
        _ operation: String,
        _ path: String,
        _ scope: Scope,
        _ call: (any Files) throws(FileError) -> Value
    ) throws(FileError) -> Value {
        try calls.onDisk("\(operation) \(path)", for: scope, failure: { .failed(path, reason: $0) }, call)
    }

    private func done(
        _ operation: String,
        _ path: String,
        _ scope: Scope,
        _ call: (any Files) throws(FileError) -> Void
    ) throws(FileError) {
        _ = try recorded(operation, path, scope) { files throws(FileError) in
            try call(files)
            return Done()
        }
    }
}
