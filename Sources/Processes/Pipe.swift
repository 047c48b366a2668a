import CSystem
import Glibc
import Model
import Ports
import Synchronization

/// A pipe of ours; both ends are closed with it at the latest.
final class Pipe: Sendable {
    let readEnd: Int32
    private let writeEnd: Mutex<Int32>

    /// - Parameter program: for whom it is.
    init(for program: String) throws(ProcessError) {
        var descriptors: [Int32] = [-1, -1]
        guard unsafe landfall_pipe(&descriptors) == 0 else {
            throw .notStarted(program, reason: systemErrorText(errno))
        }
        readEnd = descriptors[0]
        writeEnd = Mutex(descriptors[1])
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
