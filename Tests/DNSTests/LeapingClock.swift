import Model
import Ports
import Synchronization

/// A clock for one sleeper: to sleep is to leap to the moment of waking.
final class LeapingClock: Clock {
    private let passed = Mutex<Duration>(.zero)
    private let leaps = Mutex<[Duration]>([])

    var uptime: Duration { passed.withLock { $0 } }
    var now: Timestamp { Timestamp(seconds: 0) + uptime }

    /// What was slept, in order.
    var sleeps: [Duration] { leaps.withLock { $0 } }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        passed.withLock { $0 += duration }
        leaps.withLock { $0.append(duration) }
    }
}
