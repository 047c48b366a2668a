import Certificates
import Model
import Ports

/// The disk as it was seen in a recording; nothing of this machine's is read or written.
struct ReplayFiles: Files {
    let tape: Cassette

    func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        switch try result(.read, path, scope) {
        case .content(let payload): tape.recording.bytes(of: payload)
        case .withheld: throw .failed(path, reason: "its content was kept out of the recording")
        default: throw .unrecorded(path)
        }
    }

    func list(_ path: String, for scope: Scope) throws(FileError) -> [String] {
        guard case .names(let names) = try result(.list, path, scope) else { throw .unrecorded(path) }
        return names
    }

    func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation {
        guard case .information(let kind, let size, let modified) = try result(.information, path, scope) else {
            throw .unrecorded(path)
        }
        return FileInformation(kind: FileInformation.Kind(named: kind), size: size, modified: modified)
    }

    func write(_ bytes: [UInt8], to path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        _ = try result(.write, path, scope)
    }

    func makeDirectory(_ path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        _ = try result(.makeDirectory, path, scope)
    }

    func link(_ path: String, to target: String, for scope: Scope) throws(FileError) {
        _ = try result(.link, path, scope)
    }

    func grant(_ permissions: UInt32, to group: String, on path: String, for scope: Scope) throws(FileError) -> Bool {
        guard case .granted(let change) = try result(.grant, path, scope) else { throw .unrecorded(path) }
        return change
    }

    func remove(_ path: String, for scope: Scope) throws(FileError) {
        _ = try result(.remove, path, scope)
    }

    private func result(_ operation: FileCall.Operation, _ path: String, _ scope: Scope) throws(FileError)
        -> FileCall.Result
    {
        let exchange = tape.answer(.file, "\(operation.rawValue) \(path)", for: scope)
        guard let exchange, case .file(let call) = exchange.call else { throw .unrecorded(path) }
        switch call.answer {
        case .value(let result): return result
        case .failure(let failure): throw failure.error
        }
    }
}

extension FileError {
    static func unrecorded(_ path: String) -> FileError {
        .failed(path, reason: "it is not in the recording")
    }
}

extension FileCall.Failure {
    var error: FileError {
        switch self {
        case .missing(let path): .missing(path)
        case .failed(let path, let reason): .failed(path, reason: reason)
        }
    }
}

extension FileInformation.Kind {
    fileprivate init(named name: String) {
        self =
            switch name {
            case "file": .file
            case "directory": .directory
            default: .other
            }
    }
}
