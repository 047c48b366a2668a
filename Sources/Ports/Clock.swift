package import Model

/// The port to time. Production reads the system's clocks; replay and tests move one by hand.
package protocol Clock: Sendable {
    /// Wall-clock time: may jump either way.
    var now: Timestamp { get }
    /// Time since some fixed point; never goes back. All waiting is measured in it.
    var uptime: Duration { get }
    /// Returns after `duration`; throws `CancellationError` when the task is cancelled first.
    func sleep(for duration: Duration) async throws
}

/// The port to chance.
package protocol Randomness: Sendable {
    /// A number in 0 ..< 1.
    func fraction(for scope: Scope) -> Double
    /// An unguessable lower-case hexadecimal text of `count` random bytes. It is a secret: no recording holds it.
    func token(bytes count: Int, for scope: Scope) -> String
}
