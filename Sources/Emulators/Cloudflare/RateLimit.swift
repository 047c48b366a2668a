/// So many requests in a window; one more, and everything is refused until a whole window is over
/// (https://developers.cloudflare.com/fundamentals/api/reference/limits/).
public struct CloudflareRate: Sendable, Hashable, Codable {
    public var requests: Int
    public var seconds: Int

    public init(requests: Int = 1200, seconds: Int = 300) {
        (self.requests, self.seconds) = (requests, seconds)
    }
}

struct RateLimiter {
    var rate = CloudflareRate()
    private var windowEnd: Duration = .zero
    private var blockedUntil: Duration = .zero
    private var count = 0

    /// Counts a request; how many seconds to stay away when it is one too many.
    mutating func admit(at now: Duration) -> Int? {
        if now >= blockedUntil {
            if now >= windowEnd { (windowEnd, count) = (now + .seconds(rate.seconds), 0) }
            count += 1
            guard count > rate.requests else { return nil }
            blockedUntil = now + .seconds(rate.seconds)
            windowEnd = blockedUntil
        }
        let left = (blockedUntil - now).components
        return Int(left.seconds) + (left.attoseconds > 0 ? 1 : 0)
    }
}
