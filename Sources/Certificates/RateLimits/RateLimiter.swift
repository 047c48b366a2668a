import Model

/// The orders of the recent past at one authority, against its limits: who has to wait, and until when.
struct RateLimiter: Sendable {
    let limits: CertificateLimits
    /// When there was something that counts for a subject; sorted.
    private var times: [RateLimitSubject: [Timestamp]] = [:]
    /// What the authority itself said.
    private var holds: [RateLimitSubject: RateLimitHold]

    init(_ limits: CertificateLimits, entries: [OrderRecord] = [], holds: [RateLimitHold] = []) {
        self.limits = limits
        self.holds = Dictionary(holds.map { ($0.subject, $0) }) { $0.until > $1.until ? $0 : $1 }
        for entry in entries { count(entry) }
        times = times.mapValues { $0.sorted() }
    }

    /// What keeps an order from being placed: of several, what does so longest.
    func hold(on order: OrderRecord, now: Timestamp) -> RateLimitHold? {
        order.subjects.compactMap { hold(on: $0, now: now) }.max { $0.until < $1.until }
    }

    /// Counts an order for all that it may come to.
    mutating func enter(_ order: OrderRecord) {
        for subject in order.subjects {
            var all = times[subject] ?? []
            all.insert(order.placed, at: all.lastIndex { $0 <= order.placed }.map { $0 + 1 } ?? 0)
            times[subject] = all
        }
    }

    /// Counts an order for what it came to; nil: it never was one.
    mutating func settle(_ order: OrderRecord, as settled: OrderRecord?) {
        for subject in order.subjects {
            guard let index = times[subject]?.lastIndex(of: order.placed) else { continue }
            times[subject]?.remove(at: index)
        }
        if let settled { enter(settled) }
    }

    mutating func note(_ hold: RateLimitHold) {
        holds[hold.subject] = hold
    }

    /// What an order for these names would count for.
    func uses(by order: OrderRecord, now: Timestamp) -> [RateLimitUsage] {
        order.subjects.compactMap { use(of: $0, now: now) }
    }

    /// Everything that anything counts for now, the fullest first.
    func uses(now: Timestamp) -> [RateLimitUsage] {
        times.keys.compactMap { use(of: $0, now: now) }.filter { $0.used > 0 }
            .sorted { ($1.share, $0.description) < ($0.share, $1.description) }
    }

    private mutating func count(_ entry: OrderRecord) {
        for subject in entry.subjects { times[subject, default: []].append(entry.placed) }
    }

    private func hold(on subject: RateLimitSubject, now: Timestamp) -> RateLimitHold? {
        let said = holds[subject].flatMap { $0.until > now && $0.until <= now + RateLimitHold.longest ? $0 : nil }
        guard let use = use(of: subject, now: now), let free = use.free, free > said?.until ?? now else { return said }
        return RateLimitHold(subject, until: free, reason: "\(use.whole) are the CA's limit")
    }

    private func use(of subject: RateLimitSubject, now: Timestamp) -> RateLimitUsage? {
        guard let limit = limits[subject.kind] else { return nil }
        // What lies further ahead than its window was dated by a clock that has been set back since.
        let recent = (times[subject] ?? []).filter { now < $0 + limit.window && $0 <= now + limit.window }
        let excess = recent.count - limit.count
        let free = excess >= 0 ? recent[excess] + limit.window : nil
        return RateLimitUsage(
            kind: subject.kind,
            subject: subject.text,
            used: recent.count,
            limit: limit.count,
            window: limit.window.components.seconds,
            free: free
        )
    }
}

extension RateLimitUsage {
    fileprivate var share: Double { Double(used) / Double(limit) }
}
