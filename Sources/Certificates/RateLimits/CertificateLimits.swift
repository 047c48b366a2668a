import Model

/// How often an authority may be asked, kind by kind; nil where it sets no limit.
package struct CertificateLimits: Hashable, Sendable {
    package struct Limit: Hashable, Sendable {
        package let count: Int
        package let window: Duration

        package init(_ count: Int, in window: Duration) { (self.count, self.window) = (count, window) }

        /// What the names of one service may use up of it while others need it too.
        var share: Limit { Limit(max(1, count / 4), in: window) }
    }

    private var limits: [RateLimitUsage.Kind: Limit]

    init(_ limits: [RateLimitUsage.Kind: Limit]) { self.limits = limits }

    package static let none = CertificateLimits([:])

    /// https://letsencrypt.org/docs/rate-limits/
    package static let production = CertificateLimits([
        .account: Limit(300, in: .hours(3)), .domain: Limit(50, in: .days(7)), .set: Limit(5, in: .days(7)),
        .failures: Limit(5, in: .hours(1)),
    ])

    /// https://letsencrypt.org/docs/staging-environment/
    package static let staging = CertificateLimits([
        .account: Limit(1500, in: .hours(3)), .domain: Limit(30_000, in: .days(7)), .set: Limit(30_000, in: .days(7)),
        .failures: Limit(60, in: .hours(1)),
    ])

    /// The published limits of an authority; none for one that is not known.
    package static func standard(of server: String) -> CertificateLimits {
        switch server {
        case CertbotSettings.production: production
        case CertbotSettings.staging: staging
        default: none
        }
    }

    subscript(kind: RateLimitUsage.Kind) -> Limit? { limits[kind] }

    /// How long an order may count.
    var longestWindow: Duration { limits.values.map(\.window).max() ?? .zero }
}

extension CertificateLimits: CustomStringConvertible {
    /// `account: 300 in 3 hours, domain: 50 in 7 days`; or `no limits`.
    package var description: String {
        let parts = RateLimitUsage.Kind.allCases.compactMap { kind in
            self[kind].map { "\(kind.rawValue): \($0.count) in \($0.window.inWords)" }
        }
        return parts.isEmpty ? "no limits" : parts.joined(separator: ", ")
    }
}

extension CertificateLimits {
    /// Parses `account=300/3h,domain=50/7d,set=5/7d,failures=5/1h`, each at most once, or `off`.
    package init?(text: String) {
        self = .none
        guard text.lowercased() != "off" else { return }
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false).map(\.trimmed)
            guard sides.count == 2, let limit = Limit(text: sides[1]),
                let kind = RateLimitUsage.Kind(rawValue: sides[0].lowercased()), self[kind] == nil
            else { return nil }
            limits[kind] = limit
        }
        guard self != .none else { return nil }
    }
}

extension CertificateLimits.Limit {
    fileprivate init?(text: String) {
        let sides = text.split(separator: "/", omittingEmptySubsequences: false)
        guard sides.count == 2, let count = Int(sides[0]), (1...1_000_000).contains(count),
            let window = Duration(text: String(sides[1]))
        else { return nil }
        self.init(count, in: window)
    }
}

extension Duration {
    static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }
    static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
