/// How much of what a provider takes from its user is used up.
public struct RequestBudget: Hashable, Sendable, Codable {
    /// Its name.
    public let provider: String
    /// In the window that ends now: our own requests or, if the provider reports more, all of the user's.
    public let used: Int
    public let limit: Int
    /// Seconds.
    public let window: Int
    /// Nothing is sent before; nil if requests may be sent.
    public let restsUntil: Timestamp?

    public init(provider: String, used: Int, limit: Int, window: Int, restsUntil: Timestamp? = nil) {
        self.provider = provider
        (self.used, self.limit, self.window, self.restsUntil) = (used, limit, window, restsUntil)
    }
}

extension RequestBudget: CustomStringConvertible {
    /// `61 of 1200 requests in 5 min`
    public var summary: String { "\(used) of \(limit) requests in \(Duration.seconds(window).readable)" }

    /// `Cloudflare: 61 of 1200 requests in 5 min`
    public var description: String {
        "\(provider): \(summary)\(restsUntil.map { ", and nothing before \($0)" } ?? "")"
    }
}
