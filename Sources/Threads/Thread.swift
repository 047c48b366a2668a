import Glibc
import System

/// Starts a detached thread, for work that blocks in a C library or the kernel: blocking one of Swift's few cooperative
/// threads would delay all timers. It inherits the caller's signal mask; 15 characters of `name` count.
package func startThread(
    named name: String,
    stackSize: Int = 256 << 10,
    _ body: @escaping @Sendable () -> Void
) throws(ThreadError) {
    let context = unsafe Unmanaged.passRetained(ThreadBody(name: name, run: body))
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    unsafe pthread_attr_setstacksize(&attributes, stackSize)
    var thread = pthread_t()
    let code = unsafe pthread_create(&thread, &attributes, threadMain, context.toOpaque())
    guard code == 0 else {
        unsafe context.release()
        throw ThreadError(code: code)
    }
}

/// The system refuses a new thread: a limit on processes or memory is reached (pthread_create(3)).
package struct ThreadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An errno value.
    package let code: Int32

    package var description: String { unsafe "the system refuses a new thread: \(String(cString: strerror(code)))" }
}

/// Runs `body` on a thread of its own and returns what it returns.
package func blocking<Value: Sendable>(
    named name: String,
    _ body: @escaping @Sendable () -> Value
) async throws(ThreadError) -> Value {
    let result: Result<Value, ThreadError> = await withCheckedContinuation { continuation in
        do throws(ThreadError) {
            try startThread(named: name) { continuation.resume(returning: .success(body())) }
        } catch {
            continuation.resume(returning: .failure(error))
        }
    }
    return try result.get()
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) { (self.name, self.run) = (name, run) }
}

private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let body = unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    CurrentProcess.nameThread(body.name)
    body.run()
    return nil
}

/// Wakes a thread that waits for work. The thread sleeps in the kernel.
package final class Wakeup: Sendable {
    private let descriptors: [Int32]

    package init() throws(ThreadError) {
        guard let pipe = makePipe() else { throw ThreadError(code: errno) }
        descriptors = [pipe.readEnd, pipe.writeEnd]
    }

    /// Is readable for poll(2) from `wake` until `wait`.
    package var descriptor: Int32 { descriptors[0] }

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
