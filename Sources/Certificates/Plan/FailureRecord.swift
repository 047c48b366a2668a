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

    /// The record after one more failure.
    static func after(_ earlier: FailureRecord?, names: [DomainName], now: Timestamp, reason: String) -> FailureRecord {
        let count = earlier?.names == names ? (earlier?.count ?? 0) : 0
        return FailureRecord(names: names, count: count + 1, last: now, reason: reason)
    }
}
