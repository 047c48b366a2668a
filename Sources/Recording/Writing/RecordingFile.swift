import System
import Glibc
import Synchronization

/// One file for everything that is recorded from now on, session after session.
package final class RecordingFile: RecordingSink {
    private struct State {
        let file: SegmentFile
        var isOver = false
    }

    private let state: Mutex<State>
    private let limit: Int

    /// Creates the file, which must not exist yet.
    ///
    /// - Parameter limit: its largest size; the first line that does not fit ends it.
    package init(path: String, limit: Int) throws(RecordingSinkError) {
        state = Mutex(State(file: try SegmentFile(path: path)))
        self.limit = limit
    }

    package func begin(_ header: [UInt8]) throws(RecordingSinkError) { try write(header) }

    package func write(_ lines: [UInt8]) throws(RecordingSinkError) {
        try state.withLock { state throws(RecordingSinkError) in
            let room = state.isOver ? 0 : limit - state.file.size
            state.isOver = lines.count > room
            guard state.isOver else { return try state.file.append(lines) }
            let whole = lines.prefix(room).lastIndex(of: UInt8(ascii: "\n")).map { lines[...$0] } ?? []
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
