import Glibc
import Model
import Ports
import Synchronization
import System

/// A pipe of ours; both ends are closed with it at the latest.
final class Pipe: Sendable {
    let readEnd: Int32
    private let writeEnd: Mutex<Int32>

    /// - Parameter program: for whom it is.
    init(for program: String) throws(ProcessError) {
        guard let pipe = makePipe() else { throw .notStarted(program, reason: systemErrorText(errno)) }
        readEnd = pipe.readEnd
        writeEnd = Mutex(pipe.writeEnd)
    }

    deinit {
        close(readEnd)
        closeWriteEnd()
    }

    /// -1 once it is closed.
    func withWriteEnd<Value>(_ body: (Int32) -> Value) -> Value { writeEnd.withLock { body($0) } }

    func closeWriteEnd() {
        writeEnd.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }
}
