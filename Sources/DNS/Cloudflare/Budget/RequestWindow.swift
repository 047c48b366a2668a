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
    /// The rest belongs to what is urgent.
    private static let readingLimit = limit * 60 / 100
    /// The margin is for the user's other programs, of whose requests we learn only from answers.
    private static let urgentLimit = limit * 95 / 100
    /// Requests so close to each other are counted as one mark.
    private static let grain = Duration.seconds(1)

    /// In order of time.
    private var marks: [(first: Duration, count: Int)] = []
    /// The requests of all of the user's programs as the API reports them, and when its count restarts.
    private var reported: (used: Int, until: Duration)?
    private var restUntil: Duration = .zero

    /// Whether a request may be sent now; if so, it counts as sent.
    mutating func admit(_ purpose: Purpose, at now: Duration) -> Verdict {
        guard now >= restUntil else { return .rest(until: restUntil) }
        let limit = purpose == .reading ? Self.readingLimit : Self.urgentLimit
        if let free = time(below: limit, from: now) { return .spent(until: free) }
        count(at: now)
        return .go
    }

    /// Nothing is sent before `time`.
    mutating func rest(until time: Duration) { restUntil = max(restUntil, time) }

    mutating func report(used: Int, until time: Duration) { reported = (used, time) }

    func used(at now: Duration) -> Int {
        let own = marks.reduce(0) { $0 + (Self.end(of: $1) > now ? $1.count : 0) }
        guard let reported, now < reported.until else { return own }
        return max(own, reported.used)
    }

    func rests(at now: Duration) -> Duration? { now < restUntil ? restUntil : nil }

    /// When fewer than `limit` will be used; nil where fewer are.
    private func time(below limit: Int, from now: Duration) -> Duration? {
        guard used(at: now) >= limit else { return nil }
        let moments = marks.map(Self.end) + (reported.map { [$0.until] } ?? [])
        return moments.sorted().first { $0 > now && used(at: $0) < limit }
    }

    private mutating func count(at now: Duration) {
        marks.removeAll { Self.end(of: $0) <= now }
        if let last = marks.last, now - last.first < Self.grain {
            marks[marks.count - 1].count += 1
        } else {
            marks.append((now, 1))
        }
    }

    private static func end(of mark: (first: Duration, count: Int)) -> Duration { mark.first + grain + length }
}
