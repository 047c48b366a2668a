package import Model
package import Ports

/// The wait before the next try: a random part of a ceiling that doubles with every try, so that many clients that lost the
/// same server do not return at the same time ("full jitter",
/// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
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
