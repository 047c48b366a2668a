public import Certificates
public import Model
public import Ports

/// Takes locks, and records whether they were had.
public struct RecordingLocks: RecordLocks {
    private let base: any RecordLocks
    private let recorder: Recorder

    public init(_ base: any RecordLocks, _ recorder: Recorder) {
        (self.base, self.recorder) = (base, recorder)
    }

    public func take(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try recorded(.take, path, scope) { () throws(FileError) in try base.take(path, for: scope) }
    }

    public func release(_ path: String, for scope: Scope) {
        base.release(path, for: scope)
    }

    public func isHeldElsewhere(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try recorded(.isHeldElsewhere, path, scope) { () throws(FileError) in
            try base.isHeldElsewhere(path, for: scope)
        }
    }

    private func recorded(
        _ operation: LockCall.Operation,
        _ path: String,
        _ scope: Scope,
        _ call: () throws(FileError) -> Bool
    ) throws(FileError) -> Bool {
        let start = recorder.start(.lock, operation.rawValue, path, for: scope)
        do throws(FileError) {
            let value = try call()
            recorder.end(start, onDisk: value) { _ in .lock(LockCall(operation, path: path, answer: .value(value))) }
            return value
        } catch {
            recorder.end(start, onDisk: error) { [error] _ in
                .lock(LockCall(operation, path: path, answer: .failure(FileCall.Failure(error))))
            }
            throw error
        }
    }
}
