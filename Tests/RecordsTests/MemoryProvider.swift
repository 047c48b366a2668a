import DNS
import Model
import Ports
import Synchronization
import Threads

/// Zones in memory that behave as Cloudflare's: options that are not named stay, a proxied record's ttl is automatic, and
/// an alias tolerates nothing beside it.
final class MemoryProvider: DNSProvider {
    let name: String
    let hasEdge: Bool
    private let zoneList: [Zone]
    private let state: Mutex<State>

    private struct State {
        var records: [DNSRecord]
        var lastID: Int
        var reads: [Zone: Int] = [:]
        var writes = 0
        var isFailing = false
    }

    /// Names at which every write fails.
    let broken: Set<DomainName>

    init(
        _ name: String = "Memory",
        zones: [Zone] = [],
        records: [DNSRecord] = [],
        broken: Set<DomainName> = [],
        hasEdge: Bool = true
    ) {
        (self.name, self.hasEdge) = (name, hasEdge)
        zoneList = zones
        self.broken = broken
        state = Mutex(State(records: records, lastID: records.count))
    }

    var records: [DNSRecord] { state.withLock(\.records) }
    var reads: [Zone: Int] { state.withLock(\.reads) }
    var writes: Int { state.withLock(\.writes) }

    /// Whether reading fails from now on.
    func fail(_ isFailing: Bool) { state.withLock { $0.isFailing = isFailing } }

    func zones() async throws(ProviderError) -> [Zone] { zoneList }

    func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents {
        let records: [DNSRecord]? = state.withLock { state in
            state.reads[zone, default: 0] += 1
            return state.isFailing ? nil : state.records.filter { $0.name.isWithin(zone.name) }
        }
        guard let records else { throw .unavailable("cannot read now") }
        return ZoneContents(records)
    }

    func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] {
        await concurrentMap(changes, atMost: 8) { change in
            await Result(of: { () async throws(ProviderError) in try self.make(change, in: zone) })
        }
    }

    private func make(_ change: RecordChange, in zone: Zone) throws(ProviderError) -> DNSRecord? {
        switch change {
        case .create(let record): return try create(record, in: zone)
        case .update(let old, let new): return try update(old, to: new, in: zone)
        case .delete(let record):
            _ = try writing(record, in: zone)
            state.withLock { state in state.records.removeAll { $0.id == record.id } }
            return nil
        }
    }

    private func create(_ record: DNSRecord, in zone: Zone) throws(ProviderError) -> DNSRecord {
        let state = try writing(record, in: zone)
        guard !record.isRival(of: state.records) else { throw .rejected("an alias is in the way") }
        return self.state.withLock { state in
            state.lastID += 1
            let stored = record.stored(id: "\(state.lastID)", over: nil)
            state.records.append(stored)
            return stored
        }
    }

    private func update(_ old: DNSRecord, to new: DNSRecord, in zone: Zone) throws(ProviderError) -> DNSRecord {
        let state = try writing(new, in: zone)
        guard let place = state.records.firstIndex(where: { $0.id == old.id }) else { throw .unavailable("gone") }
        var others = state.records
        others.remove(at: place)
        guard !new.isRival(of: others) else { throw .rejected("an alias is in the way") }
        return self.state.withLock { state in
            state.records[place] = new.stored(id: old.id, over: state.records[place])
            return state.records[place]
        }
    }

    func publishChallenge(_ value: String, at name: String, in zone: Zone) async throws(ProviderError)
        -> ChallengeRecord
    {
        throw .rejected("no challenges here")
    }

    func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {}

    private func writing(_ record: DNSRecord, in zone: Zone) throws(ProviderError) -> State {
        guard !broken.contains(record.name) else { throw .unavailable("cannot write now") }
        guard record.name.isWithin(zone.name) else { throw .rejected("not in this zone") }
        return state.withLock { state in
            state.writes += 1
            return state
        }
    }
}

extension DNSRecord {
    fileprivate func isRival(of others: [DNSRecord]) -> Bool {
        others.contains { $0.name == name && ($0.kind == .cname || kind == .cname) }
    }

    fileprivate func stored(id: String?, over old: DNSRecord?) -> DNSRecord {
        let proxied = proxied ?? old?.proxied ?? false
        return DNSRecord(
            id: id,
            name: name,
            kind: kind,
            content: content,
            ttl: proxied ? 1 : ttl ?? old?.ttl ?? 1,
            proxied: proxied,
            comment: comment ?? old?.comment
        )
    }
}
