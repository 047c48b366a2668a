public import Model

/// What is remembered of a lineage's failures since its last success: the pause before the next order grows with them.
public struct FailureRecord: Hashable, Sendable, Codable {
    /// What was asked for; another set of names starts anew.
    public let names: [DomainName]
    public let count: Int
    public let last: Timestamp
    public let reason: String

    public init(names: [DomainName], count: Int, last: Timestamp, reason: String) {
        (self.names, self.count, self.last, self.reason) = (names, count, last, reason)
    }

    /// 1 min, 10 min, 100 min, then a day (https://letsencrypt.org/docs/integration-guide/, "Retrying failures").
    public var pause: Duration {
        switch count {
        case ...1: .seconds(60)
        case 2: .seconds(600)
        case 3: .seconds(6000)
        default: .seconds(86_400)
        }
    }

    /// Until when no order may be placed for `names`; nil when one may be placed now.
    public func blocks(_ names: [DomainName], now: Timestamp) -> Timestamp? {
        guard names == self.names else { return nil }
        let until = last + pause
        // A failure that lies further ahead than its pause was dated by a clock that has been set back since.
        return until > now && last <= now + pause ? until : nil
    }

    /// The record after one more failure. One on our side of a validation never pauses for a day: the authority loses no
    /// patience over it, but each try is an order.
    static func after(
        _ earlier: FailureRecord?,
        names: [DomainName],
        now: Timestamp,
        failure: CertbotFailure
    ) -> FailureRecord {
        let count = earlier?.names == names ? (earlier?.count ?? 0) : 0
        let next = failure.isOurs ? max(count, min(count + 1, 3)) : count + 1
        return FailureRecord(names: names, count: next, last: now, reason: failure.reason)
    }
}
