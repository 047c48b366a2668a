public import Model
public import Ports

/// How long to wait before the next try: a ceiling that doubles from try to try, and a random part of it, so that many
/// who lost the same server do not come back in step ("full jitter",
/// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
public struct Backoff: Sendable {
    private let first: Duration
    private let limit: Duration
    private var ceiling: Duration

    public init(first: Duration, limit: Duration) {
        (self.first, self.limit) = (first, limit)
        ceiling = min(first, limit)
    }

    public mutating func next(_ randomness: any Randomness, for scope: Scope) -> Duration {
        let wait = ceiling * randomness.fraction(for: scope)
        ceiling = min(ceiling * 2, limit)
        return wait
    }

    /// After success has lasted.
    public mutating func reset() {
        ceiling = min(first, limit)
    }
}
