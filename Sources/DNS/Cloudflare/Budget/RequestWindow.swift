/// The requests of the last five minutes, and what may still be sent. Pure; times are the clock's `uptime`.
///
/// A user has 1200 requests in five minutes; after one more, the API refuses all of them for five minutes
/// (https://developers.cloudflare.com/fundamentals/api/reference/limits/).
struct RequestWindow {
    enum Purpose: Sendable {
        /// What a later run can read as well.
        case reading
        /// Writes and challenges, and the list of zones, without which no challenge finds its own.
        case urgent
    }

    enum Verdict: Hashable, Sendable {
        /// It may be sent, and is counted.
        case go
        /// The API asked for a pause.
        case rest(until: Duration)
        /// So many are used that those left are not for this purpose.
        case spent(until: Duration)
    }

    static let limit = 1200
    static let length = Duration.seconds(300)
    /// How long a request counts: a second longer, because it reaches the API later.
    private static let counted = length + .seconds(1)
    /// The rest belongs to what is urgent.
    private static let readingLimit = limit * 60 / 100
    /// The margin is for the user's other programs, of whose requests we learn only from answers.
    private static let urgentLimit = limit * 95 / 100

    /// When each request was sent.
    private var sent: [Duration] = []
    /// The requests of all of the user's programs as the API reports them, and when its count restarts.
    private var reported: (used: Int, until: Duration)?
    private var restUntil: Duration = .zero

    /// Whether a request may be sent now; if so, it counts as sent.
    mutating func admit(_ purpose: Purpose, at now: Duration) -> Verdict {
        guard now >= restUntil else { return .rest(until: restUntil) }
        let limit = purpose == .reading ? Self.readingLimit : Self.urgentLimit
        if let free = time(below: limit, from: now) { return .spent(until: free) }
        sent.removeAll { $0 + Self.counted <= now }
        sent.append(now)
        return .go
    }

    /// Nothing is sent before `time`.
    mutating func rest(until time: Duration) { restUntil = max(restUntil, time) }

    mutating func report(used: Int, until time: Duration) { reported = (used, time) }

    func used(at now: Duration) -> Int {
        let own = sent.count { $0 + Self.counted > now }
        guard let reported, now < reported.until else { return own }
        return max(own, reported.used)
    }

    func rests(at now: Duration) -> Duration? { now < restUntil ? restUntil : nil }

    /// When fewer than `limit` will be used; nil where fewer are.
    private func time(below limit: Int, from now: Duration) -> Duration? {
        var free = now
        if sent.count >= limit { free = sent[sent.count - limit] + Self.counted }
        if let reported, reported.used >= limit { free = max(free, reported.until) }
        return free > now ? free : nil
    }
}

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
