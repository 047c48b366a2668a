/// How much of one of the authority's limits is used: `12 of 50 certificates for example.org in 7 days`.
package struct RateLimitUsage: Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// An account's new orders.
        case account
        /// New certificates below one registered domain.
        case domain
        /// Certificates for exactly the same names.
        case set
        /// Failed authorizations of one name.
        case failures
    }

    package let kind: Kind
    /// The domain, the names, or the name; empty for the account.
    package let subject: String
    package let used: Int
    package let limit: Int
    /// Seconds.
    package let window: Int64
    /// When the limit allows another one; nil if it does now.
    package let free: Timestamp?

    package init(kind: Kind, subject: String, used: Int, limit: Int, window: Int64, free: Timestamp?) {
        (self.kind, self.subject, self.used, self.limit) = (kind, subject, used, limit)
        (self.window, self.free) = (window, free)
    }

    package var description: String { "\(used) of \(limit) \(things)" }

    /// `50 certificates for example.org in 7 days`.
    package var whole: String { "\(limit) \(things)" }

    private var things: String {
        let time = Duration.seconds(window).inWords
        return switch kind {
        case .account: "orders of the account in \(time)"
        case .domain: "certificates for \(subject) in \(time)"
        case .set: "certificates for exactly \(subject) in \(time)"
        case .failures: "failed authorizations of \(subject) in \(time)"
        }
    }
}
