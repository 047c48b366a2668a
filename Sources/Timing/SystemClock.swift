import Glibc
public import Model
public import Ports

/// The system's clocks.
public struct SystemClock: Clock {
    public init() {}

    public var now: Timestamp { Timestamp(nanoseconds: Self.read(CLOCK_REALTIME)) }

    public var uptime: Duration { .nanoseconds(Self.read(CLOCK_MONOTONIC)) }

    public func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
