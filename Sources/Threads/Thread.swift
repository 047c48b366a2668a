import CSystem
import Glibc

/// Starts a detached thread, for work that blocks in a C library or the kernel: blocking one of Swift's few cooperative
/// threads would delay everybody's timers.
///
/// The thread inherits the caller's signal mask. `name` is cut to 15 characters (pthread_setname_np(3)).
public func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    let context = unsafe Unmanaged.passRetained(ThreadBody(name: name, run: body)).toOpaque()
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    unsafe pthread_attr_setstacksize(&attributes, 256 << 10)
    var thread = pthread_t()
    let result = unsafe pthread_create(&thread, &attributes, threadMain, context)
    precondition(result == 0, "the system refuses a new thread (error \(result))")
}

/// Runs `body` on a thread of its own and returns what it returns.
public func blocking<Value: Sendable>(named name: String, _ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        startThread(named: name) { continuation.resume(returning: body()) }
    }
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        (self.name, self.run) = (name, run)
    }
}

private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let body = unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    unsafe landfall_name_thread(body.name)
    body.run()
    return nil
}
