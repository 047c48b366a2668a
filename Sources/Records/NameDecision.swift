import DNS
import Model
import Ports

/// What is done at one name.
struct NameDecision {
    private let reading: DesiredRecords.Reading
    private let policy: RecordPolicy
    /// All that stand at the name.
    private let records: [DNSRecord]
    /// Those that turn into something else.
    private var turned: [DNSRecord] = []

    init(_ reading: DesiredRecords.Reading, _ records: [DNSRecord], _ policy: RecordPolicy) {
        (self.reading, self.records, self.policy) = (reading, records, policy)
    }

    static func actions(
        _ reading: DesiredRecords.Reading,
        _ records: Observation<[DNSRecord]>,
        _ policy: RecordPolicy
    ) -> [RecordStep.Action] {
        switch records {
        case .unavailable(let reason): return [.wait(reason)]
        case .known(let records):
            var decision = NameDecision(reading, records, policy)
            return decision.actions()
        }
    }

    private mutating func actions() -> [RecordStep.Action] {
        let contest = ConflictResolver(reading, records)
        var actions: [RecordStep.Action] = []
        for wish in contest.accepted { actions.append(decide(wish)) }
        return actions + reading.pending.map { .wait($0.reason) }
            + (contest.refusals + reading.refusals).map { .refuse($0) }
    }

    private mutating func decide(_ wish: DesiredRecord) -> RecordStep.Action {
        let same = records.filter { $0.kind == wish.kind }
        // RFC 1034 §3.6.2: an alias tolerates nothing beside it.
        let rivals = records.filter {
            $0.kind != wish.kind && (wish.kind == .cname || $0.kind == .cname) && !turned.contains($0)
        }
        if let rival = rivals.first { return replace(rival, of: rivals + same, with: wish) }
        guard same.count <= 1 else {
            return .refuse("\(Self.list(same)) stand there, and which of them to change would be a guess; keep one")
        }
        if let record = same.first { return adjust(record, to: wish) }
        if let unasked { return turn(unasked, into: wish) }
        return .create(new(wish))
    }

    private func new(_ wish: DesiredRecord) -> DNSRecord {
        let proxied = wish.options.proxied ?? (policy.defaultProxied && wish.canBeProxied)
        return wish.record(
            proxied: proxied,
            ttl: proxied ? nil : wish.options.ttl,
            comment: Ownership.mark(of: policy.instance)
        )
    }

    /// A record of another kind is in the way; only one that we made ourselves may turn into ours.
    private mutating func replace(_ rival: DNSRecord, of all: [DNSRecord], with wish: DesiredRecord)
        -> RecordStep.Action
    {
        guard all.count == 1, isOurs(rival) else {
            return .refuse("\(wish.summary) cannot stand beside \(Self.list(all)); remove what shall go")
        }
        guard policy.mode != .create else { return refusedByPolicy(rival, wish) }
        return turn(rival, into: wish)
    }

    /// A record that we made, the only one of its kind, and of a kind that nobody asks for any more: in place of another
    /// beside it that would go stale.
    private var unasked: DNSRecord? {
        guard policy.mode != .create else { return nil }
        let others = records.filter { !reading.kinds.contains($0.kind) && !turned.contains($0) }
        return others.first { record in isOurs(record) && others.count { $0.kind == record.kind } == 1 }
    }

    private mutating func turn(_ record: DNSRecord, into wish: DesiredRecord) -> RecordStep.Action {
        turned.append(record)
        return .update(record, to: wish.record(proxied: wish.options.proxied, ttl: wish.options.ttl))
    }

    private func adjust(_ record: DNSRecord, to wish: DesiredRecord) -> RecordStep.Action {
        if case .otherInstance(let other) = Ownership(of: record, seenBy: policy.instance) {
            return .refuse("\(record.summary) belongs to the Landfall instance `\(sanitized(other, limit: 100))`")
        }
        let difference = Difference(record, wish)
        guard !difference.isEmpty else { return .keep(record) }
        guard policy.mode != .create else { return refusedByPolicy(record, wish) }
        return .update(record, to: wish.record(proxied: difference.proxied, ttl: difference.ttl))
    }

    private func isOurs(_ record: DNSRecord) -> Bool {
        Ownership(of: record, seenBy: policy.instance) == .ours
    }

    private func refusedByPolicy(_ record: DNSRecord, _ wish: DesiredRecord) -> RecordStep.Action {
        .refuse(
            "\(record.summary) stands there and LANDFALL_DNS_POLICY=create changes nothing, not even to \(wish.summary)"
        )
    }

    /// `A 198.51.100.7 and A 198.51.100.8`
    private static func list(_ records: [DNSRecord]) -> String {
        let shown = records.prefix(5).map(\.summary).sorted().joined(separator: " and ")
        return records.count > 5 ? "\(shown) and \(records.count - 5) more" : shown
    }
}

/// What of a record differs from a wish. Options that no label names are nobody's business here.
private struct Difference {
    var content: Bool
    /// Nil: stays.
    var proxied: Bool?
    var ttl: Int?

    var isEmpty: Bool { !content && proxied == nil && ttl == nil }

    init(_ record: DNSRecord, _ wish: DesiredRecord) {
        content = !wish.isMet(by: record)
        // A provider without proxying shows nil.
        if let proxied = wish.options.proxied, let standing = record.proxied, proxied != standing {
            self.proxied = proxied
        }
        // The ttl of a proxied record is always the provider's.
        let willBeProxied = wish.options.proxied ?? record.proxied ?? false
        if let ttl = wish.options.ttl, !willBeProxied, ttl != record.ttl { self.ttl = ttl }
    }
}
