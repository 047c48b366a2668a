import CSystem
import Glibc
package import Model
import Threads

/// SIGHUP, SIGINT and SIGTERM as a stream.
package enum SystemSignal: Sendable {
    case hangUp
    case terminate

    private static let numbers: [Int32] = [SIGHUP, SIGINT, SIGTERM]

    /// To be called before any other thread exists: a signal that meets a thread which has not blocked it ends the process.
    package static func block() {
        unsafe numbers.withUnsafeBufferPointer { unsafe landfall_block_signals($0.baseAddress, Int32($0.count)) }
    }

    /// A peer that goes away is an error of the write, not the end of the process.
    package static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// The signals that arrive from now on; one reader.
    package static func stream() throws(UserFacingError) -> AsyncStream<SystemSignal> {
        let (stream, continuation) = AsyncStream.makeStream(of: SystemSignal.self, bufferingPolicy: .bufferingNewest(8))
        do throws(ThreadError) {
            try startThread(named: "signals") {
                while true {
                    let number = unsafe numbers.withUnsafeBufferPointer {
                        unsafe landfall_wait_signal($0.baseAddress, Int32($0.count))
                    }
                    continuation.yield(number == SIGHUP ? .hangUp : .terminate)
                }
            }
        } catch {
            throw UserFacingError("\(error)")
        }
        return stream
    }
}
