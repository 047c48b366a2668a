import Glibc
package import Model
package import Ports

/// The system's clocks.
package struct SystemClock: Clock {
    package init() {}

    package var now: Timestamp { Timestamp(nanoseconds: Self.read(CLOCK_REALTIME)) }

    package var uptime: Duration { .nanoseconds(Self.read(CLOCK_MONOTONIC)) }

    package func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Runs `operation`, but no longer than `limit`; nil when the limit came first, and the operation was cancelled.
package func withTimeout<Value: Sendable>(
    _ limit: Duration,
    of clock: any Clock,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await clock.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}

/// Random numbers of the system.
package struct SystemRandomness: Randomness {
    package init() {}

    package func fraction(for scope: Scope) -> Double { Double.random(in: 0..<1) }

    package func token(bytes count: Int, for scope: Scope) -> String {
        hexadecimal((0..<count).map { _ in UInt8.random(in: .min ... .max) })
    }
}

/// The wait before the next try: a random part of a ceiling that doubles with every try, so that many clients do not return
/// at the same time ("full jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
package struct Backoff: Sendable {
    private let first: Duration
    private let limit: Duration
    private var ceiling: Duration

    package init(first: Duration, limit: Duration) {
        (self.first, self.limit) = (first, limit)
        ceiling = min(first, limit)
    }

    package mutating func next(_ randomness: any Randomness, for scope: Scope) -> Duration {
        let wait = ceiling * randomness.fraction(for: scope)
        ceiling = min(ceiling * 2, limit)
        return wait
    }

    /// After success has lasted.
    package mutating func reset() { ceiling = min(first, limit) }
}
