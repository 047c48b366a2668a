package import Model

/// A value that is replaced only after another one has been seen for a while, and that outlives the process. Times are
/// the wall clock's; if that is set back, the wait starts again.
package struct ConfirmedValue<Value: Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
    private struct Candidate: Hashable, Codable {
        let value: Value
        let since: Timestamp
    }

    /// Nil until a value was confirmed.
    package private(set) var value: Value?
    /// What may replace it.
    private var candidate: Candidate?

    package init() {}

    package mutating func confirm(_ new: Value) { (value, candidate) = (new, nil) }

    /// Something else than the candidate was seen, so a later wait starts again.
    package mutating func discardCandidate() { candidate = nil }

    /// Whether `new` has been seen without a break for as long as `wait`. If it is seen for the first time, the wait starts.
    package mutating func hasLasted(_ new: Value, _ wait: Duration, at now: Timestamp) -> Bool {
        guard let candidate, candidate.value == new, candidate.since <= now else {
            candidate = Candidate(value: new, since: now)
            return false
        }
        return now - candidate.since >= wait
    }
}
