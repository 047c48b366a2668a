import Glibc
import System

/// Wakes a thread that waits for work. The thread sleeps in the kernel.
package final class Wakeup: Sendable {
    private let descriptors: [Int32]

    package init() throws(ThreadError) {
        guard let pipe = makePipe() else { throw ThreadError(code: errno) }
        descriptors = [pipe.readEnd, pipe.writeEnd]
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }

    /// Ends one `wait`, the present one or the next.
    package func wake() {
        var byte: UInt8 = 1
        while unsafe write(descriptors[1], &byte, 1) < 0, errno == EINTR {}
    }

    /// Returns after the next `wake`, or after `limit`; one thread at a time.
    package func wait(atMost limit: Duration? = nil) {
        if let limit {
            var waiting = pollfd(fd: descriptors[0], events: Int16(POLLIN), revents: 0)
            let milliseconds = limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000
            guard unsafe poll(&waiting, 1, Int32(clamping: milliseconds)) > 0 else { return }
        }
        var byte: UInt8 = 0
        while unsafe read(descriptors[0], &byte, 1) < 0, errno == EINTR {}
    }
}
