import Glibc
package import Model
import System
import Threads

/// A signal that the daemon and commands wait for: SIGHUP, or SIGINT and SIGTERM.
package enum SystemSignal: Sendable {
    case hangUp
    case terminate

    private static let numbers: [Int32] = [SIGHUP, SIGINT, SIGTERM]

    /// Blocks the signals, before any other thread exists: a signal to a thread that does not block it ends the process.
    package static func block() { CurrentProcess.blockSignals(numbers) }

    /// Ignores SIGPIPE, so that a write to a closed connection fails instead of ending the process.
    package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// The signals that arrive from now on, for one reader.
    package static func stream() throws(UserFacingError) -> AsyncStream<SystemSignal> {
        let (stream, continuation) = AsyncStream.makeStream(of: SystemSignal.self, bufferingPolicy: .bufferingNewest(8))
        try userFacing { () throws(ThreadError) in
            try startThread(named: "signals") {
                while true {
                    continuation.yield(CurrentProcess.waitForSignal(numbers) == SIGHUP ? .hangUp : .terminate)
                }
            }
        }
        return stream
    }

    /// Runs `body`, and cancels it at SIGTERM or SIGINT.
    static func terminating<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(UserFacingError) -> Value
    ) async throws(UserFacingError) -> Value {
        let signals = try stream()
        let work = Task { await Result(of: body) }
        let watch = Task {
            for await signal in signals where signal == .terminate { work.cancel() }
        }
        defer { watch.cancel() }
        return try await work.value.get()
    }
}
