import Model

/// One order at an authority, as its rate limits count it.
struct OrderRecord: Hashable, Sendable, Codable {
    enum State: String, Codable {
        /// certbot is running, or it is unknown how it ended: the order counts for all that it may have been.
        case open
        case issued
        case failed
    }

    enum Effect: Hashable, Sendable {
        /// The authority was not asked for it.
        case none
        /// The authority refused it because of a limit of its own.
        case limited(RateLimitHold)
        /// An order without a certificate, and the names, without `*.`, whose authorizations failed.
        case order(failed: [DomainName])
        case certificate
        /// There may be a certificate that is not on the disk.
        case unknown
    }

    let lineage: String
    /// Sorted.
    let names: [DomainName]
    let placed: Timestamp
    /// Whether the authority had certified exactly these names before: then the order counts only for the set of names
    /// (https://letsencrypt.org/docs/rate-limits/, "Non-ARI Renewals").
    let isRenewal: Bool
    private(set) var state: State
    /// Without `*.`, once for each authorization that failed.
    private(set) var failed: [DomainName]
    /// The services whose hosts it is for, `service web`; nil in what an older version stored.
    let requesters: [String]?
    /// Whether other services have hosts in its domains too; then one service may use up only a part of a domain's limit.
    let sharesDomain: Bool?

    init(
        lineage: String,
        names: [DomainName],
        placed: Timestamp,
        isRenewal: Bool,
        state: State = .open,
        failed: [DomainName] = [],
        requesters: [String]? = nil,
        sharesDomain: Bool? = nil
    ) {
        (self.lineage, self.names, self.placed) = (lineage, names.sorted(), placed)
        (self.isRenewal, self.state, self.failed) = (isRenewal, state, failed)
        (self.requesters, self.sharesDomain) = (requesters, sharesDomain)
    }

    /// The record after the order has ended; nil where the authority did not take it.
    func settled(_ effect: Effect) -> OrderRecord? {
        var record = self
        switch effect {
        case .none, .limited: return nil
        case .certificate: record.state = .issued
        case .unknown: break
        case .order(let failed): (record.state, record.failed) = (.failed, failed)
        }
        return record
    }

    /// What it counts for, and, while it is open, what it depends on.
    var subjects: [RateLimitSubject] {
        let bare = Set(names.map(\.withoutWildcard)).sorted()
        var subjects: [RateLimitSubject] = isRenewal ? [] : [.account]
        if state != .failed {
            if !isRenewal { subjects += names.registeredDomains.map(RateLimitSubject.domain) + shares.flatMap(\.self) }
            subjects.append(.set(names))
        }
        return subjects + (state == .open ? bare : failed).map(RateLimitSubject.name)
    }
}

extension OrderRecord {
    /// Domain by domain, the shares of its limit that it counts for: one of each service that requested it.
    var shares: [[RateLimitSubject]] {
        guard !isRenewal, state != .failed else { return [] }
        return names.registeredDomains.map { domain in
            (requesters ?? []).map { RateLimitSubject(kind: .domain, names: [domain], service: $0) }
        }
    }
}

extension [DomainName] {
    /// The domains whose limits certificates for these names count for.
    var registeredDomains: [DomainName] {
        Set(map { $0.registrableDomain ?? $0.withoutWildcard }).sorted()
    }
}

/// What an order counts for.
struct RateLimitSubject: Hashable, Sendable, Codable {
    let kind: RateLimitUsage.Kind
    /// None of the account's, and one unless it is a set.
    let names: [DomainName]
    /// The service whose share of a domain's limit it is; nil of the whole limit.
    var service: String?

    static let account = RateLimitSubject(kind: .account, names: [])

    static func domain(_ name: DomainName) -> RateLimitSubject { RateLimitSubject(kind: .domain, names: [name]) }

    /// - Parameter names: sorted.
    static func set(_ names: [DomainName]) -> RateLimitSubject { RateLimitSubject(kind: .set, names: names) }

    /// - Parameter name: without `*.`: that is what an authority validates.
    static func name(_ name: DomainName) -> RateLimitSubject { RateLimitSubject(kind: .failures, names: [name]) }

    var text: String { names.map(\.text).joined(separator: ", ") }
}

/// A limit that is reached: what it is about, and until when orders that count for it wait.
struct RateLimitHold: Hashable, Sendable, Codable {
    let subject: RateLimitSubject
    let until: Timestamp
    /// One line.
    let reason: String

    init(_ subject: RateLimitSubject, until: Timestamp, reason: String) {
        (self.subject, self.until, self.reason) = (subject, until, sanitized(reason))
    }

    /// For a person: `waits until 2026-11-24 21:40 UTC: …`. When that minute begins, the limit is no longer reached.
    var sentence: String { "waits until \((until + .seconds(59)).minute): \(reason)" }

    /// Far more than any authority's window: a text from outside must not hold an order for ever.
    static let longest = Duration.days(14)

    /// Reads Let's Encrypt's answer when a limit of its own is reached, "too many … retry after 2026-11-25 12:00:00
    /// UTC: …"; nil for any other text. An unknown limit counts for the set of names.
    init?(answer: String, to names: [DomainName], now: Timestamp) {
        guard let time = answer.text(after: "retry after "), let until = Timestamp(secondsIn: time[...]), until > now,
            until <= now + Self.longest
        else { return nil }
        let quoted = answer.split(separator: "\"", omittingEmptySubsequences: false)
        let name = quoted.count > 2 ? try? DomainName(String(quoted[1])) : nil
        let subject: RateLimitSubject =
            switch name {
            case nil where answer.contains("orders") || answer.contains("registrations"): .account
            case let name? where answer.contains("failed authorizations"): .name(name.withoutWildcard)
            case let name? where answer.contains("already issued"): .domain(name)
            default: .set(names.sorted())
            }
        self.init(subject, until: until, reason: "the authority says: \(answer)")
    }
}

extension Timestamp {
    /// Reads the beginning of a text, `2026-11-25 12:00:00 UTC` or `2026-11-25T12:00:00Z`.
    init?(secondsIn text: Substring) {
        let date = text.prefix(19)
        guard date.utf8.count == 19 else { return nil }
        self.init("\(date.prefix(10))T\(date.suffix(8)).000Z")
    }

    /// `2026-11-24 03:37 UTC`.
    var minute: String {
        let text = description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
