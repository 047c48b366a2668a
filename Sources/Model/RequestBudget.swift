/// How much of what a provider takes from its user is used up.
package struct RequestBudget: Hashable, Sendable, Codable, CustomStringConvertible {
    package let provider: String
    /// In the window that ends now: our own requests or, if the provider reports more, all of the user's.
    package let used: Int
    package let limit: Int
    /// Seconds.
    package let window: Int
    /// Nothing is sent before; nil if requests may be sent.
    package let restsUntil: Timestamp?

    package init(provider: String, used: Int, limit: Int, window: Int, restsUntil: Timestamp? = nil) {
        self.provider = provider
        (self.used, self.limit, self.window, self.restsUntil) = (used, limit, window, restsUntil)
    }

    /// `61 of 1200 requests in 5 min`
    package var summary: String { "\(used) of \(limit) requests in \(Duration.seconds(window).readable)" }

    /// `Cloudflare: 61 of 1200 requests in 5 min`
    package var description: String {
        "\(provider): \(summary)\(restsUntil.map { ", and nothing before \($0)" } ?? "")"
    }
}
