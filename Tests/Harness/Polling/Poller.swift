package import Ports
import Timing

/// Waits for conditions of the outside world by asking again and again.
package struct Poller: Sendable {
    private let clock: any Clock
    private let firstInterval: Duration
    private let longestInterval: Duration

    /// - Parameter interval: the longest time between two questions; the first ones follow each other faster.
    package init(clock: any Clock = SystemClock(), interval: Duration = .milliseconds(100)) {
        self.clock = clock
        (firstInterval, longestInterval) = (min(interval, .milliseconds(5)), interval)
    }

    /// Returns the first value that `probe` has. What it throws counts as no value yet, and is part of the error when the
    /// time is up.
    ///
    /// - Parameter limit: on a machine that is not busy (`TimeBudget`).
    @discardableResult
    package func value<Value>(
        _ what: String,
        within limit: Duration,
        _ probe: () async throws -> Value?
    ) async throws(PollingError) -> Value {
        var (budget, interval) = (TimeBudget(limit, at: clock.uptime), firstInterval)
        while true {
            var reason: String?
            do {
                if let value = try await probe() { return value }
            } catch {
                reason = "\(error)"
            }
            guard budget.spend(until: clock.uptime) else { throw .timedOut(what, limit: limit, reason: reason) }
            do {
                try await clock.sleep(for: interval)
            } catch {
                throw .cancelled(what)
            }
            interval = min(interval * 1.5, longestInterval)
        }
    }

    /// Returns as soon as `condition` holds.
    package func wait(
        _ what: String,
        within limit: Duration,
        _ condition: () async throws -> Bool
    ) async throws(PollingError) {
        try await value(what, within: limit) { try await condition() ? true : nil }
    }
}

/// Why a poller gave up.
package enum PollingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// - Parameter reason: the error of the last attempt.
    case timedOut(String, limit: Duration, reason: String?)
    case cancelled(String)

    package var description: String {
        switch self {
        case .timedOut(let what, let limit, let reason):
            "\(what): not within \(limit.components.seconds) s" + (reason.map { "; the last attempt: \($0)" } ?? "")
        case .cancelled(let what): "\(what): cancelled"
        }
    }
}
