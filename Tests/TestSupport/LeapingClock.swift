package import Model
import Ports
import Synchronization

/// A clock for one sleeper: to sleep is to leap to the moment of waking.
package final class LeapingClock: Clock {
    private let passed = Mutex<Duration>(.zero)
    private let leaps = Mutex<[Duration]>([])
    private let start: Timestamp

    package init(now start: Timestamp = Timestamp(seconds: 0)) { self.start = start }

    package var uptime: Duration { passed.withLock { $0 } }
    package var now: Timestamp { start + uptime }

    /// What was slept, in order.
    package var sleeps: [Duration] { leaps.withLock { $0 } }

    package func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        passed.withLock { $0 += duration }
        leaps.withLock { $0.append(duration) }
    }
}
