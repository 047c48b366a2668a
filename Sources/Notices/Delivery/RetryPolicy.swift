import Model
import Ports
import Timing

/// When one notifier may be tried next: a second after the last time, as chats allow one message per second and channel
/// (https://docs.slack.dev/apis/web-api/rate-limits); after the pause that it asks for; or later and later, while it fails.
/// Pure; times are the clock's `uptime`.
struct RetryPolicy {
    private static let gap: Duration = .seconds(1)

    private var backoff = Backoff(first: .seconds(2), limit: .seconds(300))
    private(set) var due: Duration = .zero
    /// In a row.
    private(set) var failures = 0
    /// How often fault was found with the notice that is tried; outages count nothing.
    private var faults = (notice: "", count: 0)

    /// - Returns: how often this was so of that notice.
    mutating func foundFault(with notice: String) -> Int {
        faults = (notice, (faults.notice == notice ? faults.count : 0) + 1)
        return faults.count
    }

    mutating func delivered(at now: Duration) {
        failures = 0
        backoff.reset()
        due = now + Self.gap
    }

    /// - Parameter pause: what the notifier asks for.
    mutating func failed(at now: Duration, pause: Duration?, _ randomness: any Randomness, for scope: Scope) {
        failures += 1
        due = now + max(Self.gap, pause ?? backoff.next(randomness, for: scope))
    }
}
