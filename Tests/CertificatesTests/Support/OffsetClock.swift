import Model
import Ports
import Timing

/// The real clock plus an offset.
struct OffsetClock: Clock {
    private let ahead: Duration
    private let base = SystemClock()

    init(days: Int64) { self.init(seconds: days * 86_400) }
    init(seconds: Int64) { ahead = .seconds(seconds) }

    var now: Timestamp { base.now + ahead }
    var uptime: Duration { base.uptime }

    func sleep(for duration: Duration) async throws { try await base.sleep(for: duration) }
}
