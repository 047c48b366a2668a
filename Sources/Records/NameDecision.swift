import DNS
import Model
import Ports

/// Decides what is done at one name.
struct NameDecision {
    private let reading: DesiredRecords.Reading
    private let policy: RecordPolicy
    private let adoption: Adoption
    /// All existing records at the name.
    private let records: [DNSRecord]
    /// Whether the provider can serve records by its own edge.
    private let hasEdge: Bool
    /// Those that become another kind of record.
    private var replaced: [DNSRecord] = []

    static func actions(
        _ reading: DesiredRecords.Reading,
        _ records: Observation<[DNSRecord]>,
        _ policy: RecordPolicy,
        _ adoption: Adoption,
        hasEdge: Bool
    ) -> [RecordStep.Action] {
        switch records {
        case .unavailable(let reason): return [.wait(reason)]
        case .known(let records):
            var decision = NameDecision(
                reading: reading,
                policy: policy,
                adoption: adoption,
                records: records,
                hasEdge: hasEdge
            )
            let resolver = ConflictResolver(reading, records, adoption.addresses)
            var actions: [RecordStep.Action] = []
            for desired in resolver.accepted { actions.append(decision.decide(desired)) }
            if reading.isReserved, !records.isEmpty { actions = actions.map { $0.waiting(for: records) } }
            return actions + resolver.pending.map { .wait($0.reason) }
                + (resolver.refusals + reading.refusals).map { .refuse($0) }
        }
    }

    private mutating func decide(_ desired: DesiredRecord) -> RecordStep.Action {
        let same = records.filter { $0.kind == desired.kind }
        if let reason = productReason(desired, same) { return .refuse(reason) }
        if hasEdge, desired.options.proxied == true, !desired.mayBeProxied {
            return .refuse(
                "`Target \(desired.content) is not allowed for a proxied record` (9003), as the proxy reaches public addresses "
                    + "only; set `landfall.dns.proxied: \"false\"`, or request a public address"
            )
        }
        // RFC 1034 §3.6.2: a name with an alias has no other record.
        let rivals = records.filter {
            $0.kind != desired.kind && (desired.kind == .cname || $0.kind == .cname) && !replaced.contains($0)
        }
        if let rival = rivals.first { return replace(rival, of: rivals + same, with: desired) }
        guard same.count <= 1 else {
            return .refuse("\(Self.list(same)) exist, and Landfall cannot tell which one to change; keep one of them")
        }
        if let record = same.first { return adjust(record, to: desired) }
        if let stale { return convert(stale, into: desired) }
        return .create(new(desired))
    }

    /// Why nothing is written where a product of the provider's has the name; nil where none has, or where a record of ours
    /// is beside it already.
    private func productReason(_ desired: DesiredRecord, _ same: [DNSRecord]) -> String? {
        guard !same.contains(where: isOurs) else { return nil }
        for record in records {
            guard case .product(let product) = Ownership(of: record, seenBy: policy.instance) else { continue }
            return
                "\(record.summary) belongs to \(product), so \(desired.summary) is put neither in its place nor beside it"
        }
        return nil
    }

    private func new(_ desired: DesiredRecord) -> DNSRecord {
        let proxied = desired.options.proxied ?? (policy.defaultProxied && desired.canBeProxied)
        let mark = Ownership.mark(of: policy.instance)
        return desired.record(proxied: proxied, ttl: proxied ? nil : desired.options.ttl, comment: mark)
    }

    /// Replaces a record of another kind; only one that this instance created may be replaced.
    private mutating func replace(_ rival: DNSRecord, of all: [DNSRecord], with desired: DesiredRecord)
        -> RecordStep.Action
    {
        guard all.count == 1, isOurs(rival) else {
            return .refuse("\(desired.summary) cannot exist beside \(Self.list(all)); delete what is not needed")
        }
        guard policy.mode != .create else { return refusedByPolicy(rival, desired) }
        return convert(rival, into: desired)
    }

    /// A record that this instance created, the only one of its kind, and of a kind that no label requests any more. It is
    /// converted, so that it does not go stale beside a new one.
    private var stale: DNSRecord? {
        guard policy.mode != .create else { return nil }
        let others = records.filter { !reading.kinds.contains($0.kind) && !replaced.contains($0) }
        return others.first { record in isOurs(record) && others.count { $0.kind == record.kind } == 1 }
    }

    private mutating func convert(_ record: DNSRecord, into desired: DesiredRecord) -> RecordStep.Action {
        replaced.append(record)
        let proxied = desired.options.proxied ?? desired.forcedProxied(over: record)
        return .update(record, to: desired.record(proxied: proxied, ttl: desired.options.ttl))
    }

    private func adjust(_ record: DNSRecord, to desired: DesiredRecord) -> RecordStep.Action {
        if case .otherInstance(let other) = Ownership(of: record, seenBy: policy.instance) {
            return .refuse("\(record.summary) belongs to the Landfall instance `\(sanitized(other, limit: 100))`")
        }
        let difference = Difference(record, desired)
        guard !difference.isEmpty else { return .keep(record) }
        guard policy.mode != .create else { return refusedByPolicy(record, desired) }
        guard isOurs(record) || adoption.allows(record, desired) else {
            return .refuse(adoption.rejectionReason(of: record, desired))
        }
        return .update(record, to: desired.record(proxied: difference.proxied, ttl: difference.ttl))
    }

    private func isOurs(_ record: DNSRecord) -> Bool { Ownership(of: record, seenBy: policy.instance) == .ours }

    private func refusedByPolicy(_ record: DNSRecord, _ desired: DesiredRecord) -> RecordStep.Action {
        .refuse(
            "\(record.summary) exists, and LANDFALL_DNS_POLICY=create does not let it be changed to \(desired.summary)"
        )
    }

    /// `A 198.51.100.7 and A 198.51.100.8`
    fileprivate static func list(_ records: [DNSRecord]) -> String {
        let shown = records.prefix(5).map(\.summary).sorted().joined(separator: " and ")
        return records.count > 5 ? "\(shown) and \(records.count - 5) more" : shown
    }
}

extension RecordStep.Action {
    /// No change as long as the service may come back whose records these are: it may be deployed anew.
    fileprivate func waiting(for records: [DNSRecord]) -> RecordStep.Action {
        switch self {
        case .create, .update:
            .wait("\(NameDecision.list(records)) stays until the service that requested it has been away for an hour")
        case .keep, .delete, .hold, .refuse, .wait: self
        }
    }
}

/// What differs between a record and the desired one. Options that no label sets do not count.
private struct Difference {
    var content: Bool
    /// Nil if it stays.
    var proxied: Bool?
    var ttl: Int?

    var isEmpty: Bool { !content && proxied == nil && ttl == nil }

    init(_ record: DNSRecord, _ desired: DesiredRecord) {
        content = !desired.isMet(by: record)
        // A provider without proxying returns nil.
        if let proxied = desired.options.proxied, let present = record.proxied, proxied != present {
            self.proxied = proxied
        }
        if content, self.proxied == nil { self.proxied = desired.forcedProxied(over: record) }
        // The ttl of a proxied record is always the provider's.
        let willBeProxied = self.proxied ?? desired.options.proxied ?? record.proxied ?? false
        if let ttl = desired.options.ttl, !willBeProxied, ttl != record.ttl { self.ttl = ttl }
    }
}
