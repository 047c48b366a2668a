/// So many requests in a window; one more, and everything is refused until a whole window is over
/// (https://developers.cloudflare.com/fundamentals/api/reference/limits/). A shorter window lets a test or a demo see the
/// same in less time.
package struct CloudflareRate: Sendable, Hashable, Codable {
    package var requests: Int
    package var seconds: Int

    package init(requests: Int = 1200, seconds: Int = 300) {
        (self.requests, self.seconds) = (requests, seconds)
    }
}

struct APIRateLimiter {
    struct Admission {
        let rate: CloudflareRate
        let remaining: Int
        /// Seconds until it counts anew.
        let reset: Int
        /// Seconds to stay away, for a request that is one too many.
        let wait: Int?
    }

    let rate: CloudflareRate
    private var windowEnd: Duration = .zero
    private var blockedUntil: Duration = .zero
    private var count = 0

    init(rate: CloudflareRate = CloudflareRate()) { self.rate = rate }

    /// Counts a request.
    mutating func admit(at now: Duration) -> Admission {
        if now >= blockedUntil {
            if now >= windowEnd { (windowEnd, count) = (now + .seconds(rate.seconds), 0) }
            count += 1
            if count > rate.requests {
                blockedUntil = now + .seconds(rate.seconds)
                windowEnd = blockedUntil
            }
        }
        return Admission(
            rate: rate,
            remaining: max(0, rate.requests - count),
            reset: Self.seconds(windowEnd - now),
            wait: now < blockedUntil ? Self.seconds(blockedUntil - now) : nil
        )
    }

    /// Rounded up.
    private static func seconds(_ time: Duration) -> Int {
        Int(time.components.seconds) + (time.components.attoseconds > 0 ? 1 : 0)
    }
}
