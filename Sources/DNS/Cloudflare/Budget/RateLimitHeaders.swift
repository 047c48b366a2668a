/// `Ratelimit: "default";r=1150;t=240` (remaining, seconds left) and `Ratelimit-Policy: "default";q=1200;w=300` (quota,
/// window): https://developers.cloudflare.com/fundamentals/api/reference/limits/#rate-limiting-headers.
struct RateLimitHeaders {
    private let remaining: Int
    private let quota: Int
    let reset: Duration

    /// Nil if they do not describe a window of five minutes.
    init?(_ headers: [String: String]) {
        guard let limits = headers["ratelimit"].map(Self.items),
            let policies = headers["ratelimit-policy"].map(Self.items),
            let policy = policies.first(where: { $0.numbers["w"] == Int(RequestWindow.length.components.seconds) }),
            let quota = policy.numbers["q"], quota > 0,
            let limit = limits.first(where: { $0.name == policy.name }),
            let remaining = limit.numbers["r"], let reset = limit.numbers["t"]
        else { return nil }
        (self.quota, self.remaining) = (quota, min(remaining, quota))
        self.reset = min(.seconds(reset), RequestWindow.length)
    }

    /// How many are used, scaled to `limit`.
    func used(of limit: Int) -> Int { (quota - remaining) * limit / quota }

    private static func items(_ header: String) -> [(name: String, numbers: [String: Int])] {
        header.split(separator: ",").map { item in
            let parts = item.split(separator: ";").map { String($0.filter { $0 != " " }) }
            let pairs = parts.dropFirst().compactMap { part -> (String, Int)? in
                let sides = part.split(separator: "=")
                guard sides.count == 2, let number = UInt32(sides[1]) else { return nil }
                return (String(sides[0]), Int(number))
            }
            return (parts.first ?? "", Dictionary(pairs) { first, _ in first })
        }
    }
}
