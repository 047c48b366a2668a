import DNS
import Model

/// What is done at one name.
struct NameDecision {
    let wishes: WishList.Reading
    let policy: RecordPolicy

    /// `records` are all that stand at the name.
    func actions(_ records: Observation<[DNSRecord]>) -> [RecordStep.Action] {
        switch records {
        case .unavailable(let reason): return [.wait(reason)]
        case .known(let records):
            let isContested = wishes.wishes.count + (wishes.wait == nil ? 0 : 1) > 1
            let actions = isContested ? settle(records) : wishes.wishes.map { decide($0, records) } + waits
            return actions + wishes.refusals.map { .refuse($0) }
        }
    }

    private var waits: [RecordStep.Action] { wishes.wait.map { [.wait($0)] } ?? [] }

    /// Whoever stands in DNS goes on, whoever came later is refused; where nobody stands, nobody is guessed at.
    private func settle(_ records: [DNSRecord]) -> [RecordStep.Action] {
        let standing = wishes.wishes.filter { wish in records.contains(where: wish.isMet) }
        if let first = standing.first {
            let others = wishes.wishes.filter { !standing.contains($0) }
            return standing.map { decide($0, records) } + waits
                + others.map {
                    .refuse(
                        "\($0.askers) asks for \($0.summary), but the name stands for \(first.askers): \(first.summary)"
                    )
                }
        }
        guard waits.isEmpty else { return waits }
        let asked = wishes.wishes.map { "\($0.askers) asks for \($0.summary)" }.joined(separator: ", ")
        return [.refuse("\(asked): only one can have the name")]
    }

    private func decide(_ wish: Wish, _ records: [DNSRecord]) -> RecordStep.Action {
        let same = records.filter { $0.kind == wish.kind }
        // RFC 1034 §3.6.2: an alias tolerates nothing beside it.
        let rivals = records.filter { $0.kind != wish.kind && (wish.kind == .cname || $0.kind == .cname) }
        if let rival = rivals.first { return replace(rival, of: rivals + same, with: wish) }
        guard same.count <= 1 else {
            return .refuse("\(Self.list(same)) stand there, and which of them to change would be a guess; keep one")
        }
        guard let record = same.first else { return .create(new(wish)) }
        return adjust(record, to: wish)
    }

    private func new(_ wish: Wish) -> DNSRecord {
        let proxied = wish.options.proxied ?? (policy.defaultProxied && wish.canBeProxied)
        return wish.record(
            proxied: proxied,
            ttl: proxied ? nil : wish.options.ttl,
            comment: Ownership.mark(of: policy.instance)
        )
    }

    /// A record of another kind is in the way; only one that we made ourselves may turn into ours.
    private func replace(_ rival: DNSRecord, of all: [DNSRecord], with wish: Wish) -> RecordStep.Action {
        guard all.count == 1, Ownership(of: rival, seenBy: policy.instance) == .ours else {
            return .refuse("\(wish.summary) cannot stand beside \(Self.list(all)); remove what shall go")
        }
        guard policy.mode != .create else { return refusedByPolicy(rival, wish) }
        return .update(rival, to: wish.record(proxied: wish.options.proxied, ttl: wish.options.ttl))
    }

    private func adjust(_ record: DNSRecord, to wish: Wish) -> RecordStep.Action {
        if case .otherInstance(let other) = Ownership(of: record, seenBy: policy.instance) {
            return .refuse("the record belongs to the Landfall instance `\(oneLine(other, limit: 100))`")
        }
        let difference = Difference(record, wish)
        guard !difference.isEmpty else { return .keep(record) }
        guard policy.mode != .create else { return refusedByPolicy(record, wish) }
        return .update(record, to: wish.record(proxied: difference.proxied, ttl: difference.ttl))
    }

    private func refusedByPolicy(_ record: DNSRecord, _ wish: Wish) -> RecordStep.Action {
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

    init(_ record: DNSRecord, _ wish: Wish) {
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
