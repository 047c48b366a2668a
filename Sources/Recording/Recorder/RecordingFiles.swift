public import Model
public import Ports

/// The disk, and a record of what it answers: whatever is read but keys and accounts, and never what is written.
public struct RecordingFiles: Files {
    private let base: any Files
    private let recorder: Recorder

    public init(_ base: any Files, _ recorder: Recorder) {
        (self.base, self.recorder) = (base, recorder)
    }

    public func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        try recorded(.read, path, scope, of: Content.init, size: \.count) { bytes, scribe in
            Self.isWithheld(path, bytes) ? .withheld(bytes: bytes.count) : .content(payload: scribe.payload(bytes))
        } call: { () throws(FileError) in
            try base.read(path, limit: limit, for: scope)
        }
    }

    public func list(_ path: String, for scope: Scope) throws(FileError) -> [String] {
        try recorded(.list, path, scope, of: \.self) { names, _ in
            .names(list: names)
        } call: { () throws(FileError) in
            try base.list(path, for: scope)
        }
    }

    public func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation {
        try recorded(.information, path, scope, of: \.self) { found, _ in
            .information(kind: "\(found.kind)", size: found.size, modified: found.modified)
        } call: { () throws(FileError) in
            try base.information(path, for: scope)
        }
    }

    public func write(_ bytes: [UInt8], to path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        try done(.write, path, scope) { () throws(FileError) in
            try base.write(bytes, to: path, mode: mode, for: scope)
        }
    }

    public func makeDirectory(_ path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        try done(.makeDirectory, path, scope) { () throws(FileError) in
            try base.makeDirectory(path, mode: mode, for: scope)
        }
    }

    public func link(_ path: String, to target: String, for scope: Scope) throws(FileError) {
        try done(.link, path, scope) { () throws(FileError) in try base.link(path, to: target, for: scope) }
    }

    public func grant(
        _ permissions: UInt32,
        to group: String,
        on path: String,
        for scope: Scope
    ) throws(FileError) -> Bool {
        try recorded(.grant, path, scope, of: \.self) { change, _ in
            .granted(change: change)
        } call: { () throws(FileError) in
            try base.grant(permissions, to: group, on: path, for: scope)
        }
    }

    public func remove(_ path: String, for scope: Scope) throws(FileError) {
        try done(.remove, path, scope) { () throws(FileError) in try base.remove(path, for: scope) }
    }
}

extension RecordingFiles {
    /// Whether only the size of a file may be told: it holds a private key, or is part of an ACME account.
    static func isWithheld(_ path: String, _ bytes: [UInt8]) -> Bool {
        path.split(separator: "/").contains("accounts") || bytes.firstRange(of: "PRIVATE KEY".utf8) != nil
    }

    private func done(
        _ operation: FileCall.Operation,
        _ path: String,
        _ scope: Scope,
        call: () throws(FileError) -> Void
    ) throws(FileError) {
        try recorded(operation, path, scope, of: { true }, { _, _ in .done }, call: call)
    }

    /// - Parameter answer: what tells an answer from another one.
    private func recorded<Value: Sendable>(
        _ operation: FileCall.Operation,
        _ path: String,
        _ scope: Scope,
        of answer: (Value) -> some Hashable & Sendable,
        size: (Value) -> Int = { _ in 0 },
        _ result: @escaping @Sendable (Value, inout RecordingEncoder) -> FileCall.Result,
        call: () throws(FileError) -> Value
    ) throws(FileError) -> Value {
        let start = recorder.start(.file, operation.rawValue, path, for: scope)
        do throws(FileError) {
            let value = try call()
            recorder.end(start, onDisk: answer(value), bytes: size(value)) {
                .file(FileCall(operation, path: path, answer: .value(result(value, &$0))))
            }
            return value
        } catch {
            recorder.end(start, onDisk: error) { [error] _ in
                .file(FileCall(operation, path: path, answer: .failure(FileCall.Failure(error))))
            }
            throw error
        }
    }
}

extension FileCall.Failure {
    init(_ error: FileError) {
        self =
            switch error {
            case .missing(let path): .missing(path: path)
            case .failed(let path, let reason): .failed(path: path, reason: reason)
            }
    }
}
