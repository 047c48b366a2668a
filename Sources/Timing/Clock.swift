import Glibc
public import Model

/// The port to time. Production reads the system's clocks; replay and tests move one by hand.
public protocol Clock: Sendable {
    /// Wall-clock time: may jump either way.
    var now: Timestamp { get }
    /// Time since some fixed point; never goes back. All waiting is measured in it.
    var uptime: Duration { get }
    /// Returns after `duration`; throws `CancellationError` when the task is cancelled first.
    func sleep(for duration: Duration) async throws
}

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
