import Model

/// One order at an authority.
struct OrderRecord: Hashable, Sendable, Codable {
    enum State: String, Codable {
        /// certbot is at work on it, or nobody knows what became of it. It counts for all that it may have been.
        case open
        case issued
        /// It brought no certificate.
        case failed
    }

    let lineage: String
    /// Sorted.
    let names: [DomainName]
    let placed: Timestamp
    /// The authority had certified exactly these names before: such an order counts for the set of names alone
    /// (https://letsencrypt.org/docs/rate-limits/, "Non-ARI Renewals").
    let isRenewal: Bool
    private(set) var state: State
    /// Without `*.`, once for each authorization that failed.
    private(set) var failed: [DomainName]

    init(
        lineage: String,
        names: [DomainName],
        placed: Timestamp,
        isRenewal: Bool,
        state: State = .open,
        failed: [DomainName] = []
    ) {
        (self.lineage, self.names, self.placed) = (lineage, names.sorted(), placed)
        (self.isRenewal, self.state, self.failed) = (isRenewal, state, failed)
    }

    /// What became of it; nil where it never was, for the authority did not take it.
    func settled(_ trace: OrderTrace) -> OrderRecord? {
        var entry = self
        switch trace {
        case .nothing, .limited: return nil
        case .certificate: entry.state = .issued
        case .perhapsCertificate: break
        case .order(let failed): (entry.state, entry.failed) = (.failed, failed)
        }
        return entry
    }

    /// What it counts for, and, while it is open, what it depends on.
    var subjects: [RateLimitSubject] {
        let bare = Set(names.map(\.withoutWildcard)).sorted()
        let domains = Set(bare.map { $0.registrableDomain ?? $0 }).sorted()
        var subjects: [RateLimitSubject] = isRenewal ? [] : [.account]
        if state != .failed { subjects += (isRenewal ? [] : domains.map(RateLimitSubject.domain)) + [.set(names)] }
        return subjects + (state == .open ? bare : failed).map(RateLimitSubject.name)
    }
}

/// What an attempt left at the authority.
enum OrderTrace: Hashable, Sendable {
    /// It was not asked.
    case nothing
    /// It named a limit of its own.
    case limited(RateLimitHold)
    /// An order without a certificate, and the names, without `*.`, whose authorizations failed.
    case order(failed: [DomainName])
    case certificate
    /// One may have been made that is not on the disk.
    case perhapsCertificate
}
