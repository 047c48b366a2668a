import Model

/// Counts the recent orders at one authority against its limits: which orders have to wait, and until when.
struct RateLimiter: Sendable {
    let limits: CertificateLimits
    /// When each subject was counted; sorted.
    private var times: [RateLimitSubject: [Timestamp]] = [:]
    /// The limits that the authority itself reported.
    private var holds: [RateLimitSubject: RateLimitHold]

    init(_ limits: CertificateLimits, orders: [OrderRecord] = [], holds: [RateLimitHold] = []) {
        self.limits = limits
        self.holds = Dictionary(holds.map { ($0.subject, $0) }) { $0.until > $1.until ? $0 : $1 }
        for order in orders {
            for subject in order.subjects { times[subject, default: []].append(order.placed) }
        }
        times = times.mapValues { $0.sorted() }
    }

    /// The limit that keeps an order from being placed: of several, the one that does so longest.
    func hold(on order: OrderRecord, now: Timestamp) -> RateLimitHold? {
        let whole = order.subjects.filter { $0.service == nil }.compactMap { hold(on: $0, now: now) }
        let shares = order.sharesDomain == true ? order.shares.compactMap { hold(onShares: $0, now: now) } : []
        return (whole + shares).max { $0.until < $1.until }
    }

    /// Counts an order for all that it may be.
    mutating func add(_ order: OrderRecord) {
        for subject in order.subjects {
            var all = times[subject] ?? []
            all.insert(order.placed, at: all.lastIndex { $0 <= order.placed }.map { $0 + 1 } ?? 0)
            times[subject] = all
        }
    }

    /// Counts an order only for what it was; nil: it never was one.
    mutating func replace(_ order: OrderRecord, with settled: OrderRecord?) {
        for subject in order.subjects {
            guard let index = times[subject]?.lastIndex(of: order.placed) else { continue }
            times[subject]?.remove(at: index)
        }
        if let settled { add(settled) }
    }

    mutating func add(_ hold: RateLimitHold) { holds[hold.subject] = hold }

    func usage(by order: OrderRecord, now: Timestamp) -> [RateLimitUsage] {
        order.subjects.filter { $0.service == nil }.compactMap { usage(of: $0, now: now) }
    }

    /// The usage of all limits that anything counts for now, the fullest first.
    func usage(now: Timestamp) -> [RateLimitUsage] {
        times.keys.filter { $0.service == nil }.compactMap { usage(of: $0, now: now) }.filter { $0.used > 0 }
            .sorted { ($1.share, $0.description) < ($0.share, $1.description) }
    }

    /// Of an order that several services request, only all of their shares together hold it.
    private func hold(onShares shares: [RateLimitSubject], now: Timestamp) -> RateLimitHold? {
        let holds = shares.compactMap { hold(on: $0, now: now) }
        return holds.count == shares.count ? holds.min { $0.until < $1.until } : nil
    }

    private func hold(on subject: RateLimitSubject, now: Timestamp) -> RateLimitHold? {
        let reported = holds[subject].flatMap { $0.until > now && $0.until <= now + RateLimitHold.longest ? $0 : nil }
        guard let usage = usage(of: subject, now: now), let free = usage.free, free > reported?.until ?? now else {
            return reported
        }
        let reason =
            subject.service.map { service in
                "the names of one service get at most a quarter of the CA's limit while others have names in the domain, and "
                    + "\(sanitized(service, limit: 100)) has had \(usage.whole)"
            } ?? "the CA's limit is \(usage.whole)"
        return RateLimitHold(subject, until: free, reason: reason)
    }

    private func usage(of subject: RateLimitSubject, now: Timestamp) -> RateLimitUsage? {
        guard let limit = limits[subject.kind].map({ subject.service == nil ? $0 : $0.share }) else { return nil }
        // A time further ahead than its window was dated by a clock that has been set back since.
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

extension RateLimiter {
    /// The steps of a plan, where orders wait that would exceed a limit. Earlier orders count for later ones, so that a
    /// run as a whole keeps the limits.
    func limiting(
        _ steps: [CertificateStep],
        now: Timestamp,
        order: (CertificateStep) -> CertificateOrder
    ) -> [CertificateStep] {
        var limiter = self
        return steps.map { step in
            guard step.isOrder else { return step }
            let order = order(step)
            let record = order.record(at: now)
            if !order.isUrgent, let hold = limiter.hold(on: record, now: now) { return step.with(.wait(hold.sentence)) }
            limiter.add(record)
            guard order.needsStagingCheck, case .issue(let reason) = step.action else { return step }
            return step.with(.issue("\(reason); it failed before, so the staging server is tried first"))
        }
    }
}

extension RateLimitUsage {
    fileprivate var share: Double { Double(used) / Double(limit) }
}
