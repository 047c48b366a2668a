import Glibc
import Model
import Ports
import Synchronization
import System

/// A pipe to a child. Both ends are closed with it at the latest.
final class Pipe: Sendable {
    let readEnd: Int32
    private let writeEnd: Mutex<Int32>

    /// - Parameter program: the program that it is for.
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

/// The output of a child from one pipe, up to a limit.
struct Capture {
    let limit: Int
    private(set) var bytes: [UInt8] = []
    private(set) var isOpen = true
    private(set) var isTruncated = false

    init(limit: Int) { self.limit = limit }

    mutating func read(from descriptor: Int32) {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { return }
        guard count > 0 else {
            isOpen = false
            return
        }
        let space = limit - bytes.count
        bytes += chunk.prefix(min(count, space))
        if count > space { isTruncated = true }
    }
}
