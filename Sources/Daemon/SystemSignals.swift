import Glibc
package import Model
import System
import Threads

/// A signal that the daemon and commands wait for: SIGHUP, or SIGINT and SIGTERM.
package enum SystemSignal: Sendable {
    case hangUp
    case terminate

    private static let numbers: [Int32] = [SIGHUP, SIGINT, SIGTERM]

    /// Blocks the signals. Call it before any other thread exists: a signal that reaches a thread that has not blocked it ends
    /// the process.
    package static func block() { CurrentProcess.blockSignals(numbers) }

    /// Ignores SIGPIPE, so that a write to a closed connection fails instead of ending the process.
    package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// The signals that arrive from now on, for one reader.
    package static func stream() throws(UserFacingError) -> AsyncStream<SystemSignal> {
        let (stream, continuation) = AsyncStream.makeStream(of: SystemSignal.self, bufferingPolicy: .bufferingNewest(8))
        do throws(ThreadError) {
            try startThread(named: "signals") {
                while true {
                    continuation.yield(CurrentProcess.waitForSignal(numbers) == SIGHUP ? .hangUp : .terminate)
                }
            }
        } catch {
            throw UserFacingError("\(error)")
        }
        return stream
    }
}
