import Model
import Ports
import Synchronization
import Timing

/// Controls a loop that delivers: wakes it when there is something to do, ends it, and waits for its end. One task runs it.
final class WorkerHandle: Sendable {
    private let clock: any Clock
    private let limit = Mutex<Duration?>(nil)
    private let wakeup: TaskWakeup
    private let life: AsyncStream<Never>
    private let lifeEnd: AsyncStream<Never>.Continuation

    init(_ clock: any Clock) {
        (self.clock, wakeup) = (clock, TaskWakeup(clock))
        (life, lifeEnd) = AsyncStream.makeStream()
    }

    func wake() { wakeup.wake() }

    /// Lets the loop go on until it has nothing to do, but begin nothing after `deadline`, an uptime.
    func end(by deadline: Duration) {
        limit.withLock { $0 = deadline }
        wakeup.wake()
    }

    /// Attempts one item after the other, each when `policy` allows it, until told to end; nil from `next` is nothing to do.
    func run<Item>(_ next: () -> Item?, _ attempt: (Item, inout RetryPolicy) async -> Void) async {
        defer { lifeEnd.finish() }
        var policy = RetryPolicy()
        while !Task.isCancelled {
            guard let item = next() else {
                if deadline != nil { return }
                await wakeup.wait()
                continue
            }
            let start = max(policy.due, clock.uptime)
            guard deadline.map({ start <= $0 }) ?? true else { return }
            if policy.due > clock.uptime {
                await wakeup.wait(until: policy.due)
            } else {
                await attempt(item, &policy)
            }
        }
    }

    func waitUntilFinished() async {
        for await _ in life {}
    }

    private var deadline: Duration? { limit.withLock(\.self) }
}

/// Decides when a notifier may be tried next: a second after a delivery (https://docs.slack.dev/apis/web-api/rate-limits),
/// after the pause that it asks for, or after ever longer pauses. Pure; times are the clock's `uptime`.
struct RetryPolicy {
    private static let gap: Duration = .seconds(1)

    private var backoff = Backoff(first: .seconds(2), limit: .seconds(300))
    private(set) var due: Duration = .zero
    /// How many attempts have failed since the last delivery.
    private(set) var failures = 0
    private var rejected = (key: "", count: 0)

    /// Counts a rejection of a notice, and returns how many there were; outages do not count.
    mutating func rejections(of key: String) -> Int {
        rejected = (key, (rejected.key == key ? rejected.count : 0) + 1)
        return rejected.count
    }

    mutating func succeeded(at now: Duration) {
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
