import Glibc
import Model
import Synchronization
import System

/// Where the journal's thread writes lines: a folder of files, one file, or a client that fetches them.
package protocol RecordingSink: Sendable {
    /// A session begins; `header` is its first line.
    func begin(_ header: [UInt8]) throws(RecordingSinkError)
    /// Writes whole lines, all of them or none.
    func write(_ lines: [UInt8]) throws(RecordingSinkError)
    /// Stops the session here. `last` says why, and is left out if even that cannot be written.
    func pause(_ last: [UInt8])
    /// Whether it is time for a new session.
    var isFull: Bool { get }
    /// Whether it needs no more lines at all.
    var isOver: Bool { get }
}

/// Why lines were not written.
package struct RecordingSinkError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// Whether it accepts no lines before the next session.
    let isFinal: Bool

    init(_ description: String, isFinal: Bool) { (self.description, self.isFinal) = (description, isFinal) }
}

/// A new file of lines that only its owner can read. After a failed write it ends with the last whole line.
final class SegmentFile {
    let path: String
    private let descriptor: Int32
    private(set) var size = 0

    /// Creates the file, which must not exist yet.
    init(path: String) throws(RecordingSinkError) {
        self.path = path
        descriptor = openFile(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND)
        guard descriptor >= 0 else { throw Self.error(path, isFinal: true) }
    }

    deinit { close(descriptor) }

    func append(_ lines: [UInt8]) throws(RecordingSinkError) {
        guard let links = linkCount(of: descriptor), links > 0 else {
            throw RecordingSinkError("\(path) is gone", isFinal: true)
        }
        guard writeAll(lines, to: descriptor) else {
            let error = Self.error(path, isFinal: false)
            guard ftruncate(descriptor, size) == 0 else {
                throw RecordingSinkError(error.description, isFinal: true)
            }
            throw error
        }
        size += lines.count
    }

    private static func error(_ path: String, isFinal: Bool) -> RecordingSinkError {
        RecordingSinkError("\(path): \(systemErrorText(errno))", isFinal: isFinal)
    }
}

/// One file for everything that is recorded from now on, session after session.
package final class RecordingFile: RecordingSink {
    private struct State {
        let file: SegmentFile
        var isOver = false
    }

    private let state: Mutex<State>
    private let limit: Int

    /// Creates the file, which must not exist yet. The first line that does not fit the limit ends it.
    package init(path: String, limit: Int) throws(RecordingSinkError) {
        state = Mutex(State(file: try SegmentFile(path: path)))
        self.limit = limit
    }

    package func begin(_ header: [UInt8]) throws(RecordingSinkError) { try write(header) }

    package func write(_ lines: [UInt8]) throws(RecordingSinkError) {
        try state.withLock { state throws(RecordingSinkError) in
            let space = state.isOver ? 0 : limit - state.file.size
            state.isOver = lines.count > space
            guard state.isOver else { return try state.file.append(lines) }
            let whole = lines.prefix(space).lastIndex(of: UInt8(ascii: "\n")).map { lines[...$0] } ?? []
            try state.file.append(Array(whole))
            throw RecordingSinkError("\(state.file.path) has reached its size limit", isFinal: true)
        }
    }

    package func pause(_ last: [UInt8]) {}

    package var isFull: Bool { false }

    package var isOver: Bool { state.withLock(\.isOver) }

    /// Removes the file if it is empty.
    package func removeIfEmpty() {
        state.withLock { if $0.file.size == 0 { removeFile($0.file.path) } }
    }

    /// In bytes.
    package var size: Int { state.withLock(\.file.size) }
}
