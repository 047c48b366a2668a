import Certificates
import DNS
import Model
import Ports
import Synchronization
import TestSupport

/// A provider that only records its calls.
final class FakeProvider: DNSProvider {
    let name = "fake"
    let zone: Zone
    let published = AsyncCollector<ChallengeRecord>()
    let removed = AsyncCollector<ChallengeRecord>()
    /// When set, a removal takes as long as this clock's next hour.
    let hangs = Mutex<TestClock?>(nil)
    /// Names at which it rejects values.
    let taken = Mutex<Set<String>>([])
    /// Where its zones end.
    let contents = Mutex<[DomainName: ZoneCuts]>([:])
    /// Zones that it has besides its own.
    let others: [Zone]
    private let refusals = Mutex<(publishing: ProviderError?, removing: ProviderError?)>((nil, nil))

    init(zone: DomainName, others: [DomainName] = []) {
        self.zone = Zone(name: zone, id: "zone-1")
        self.others = others.map { Zone(name: $0, id: $0.text) }
    }

    var directory: ZoneDirectory {
        ZoneDirectory(entries: ([zone] + others).map { .init(zone: $0, provider: self) })
    }

    func refuse(publishing: ProviderError? = nil, removing: ProviderError? = nil) {
        refusals.withLock { $0 = (publishing, removing) }
    }

    func publishChallenge(_ value: String, at name: String, in zone: Zone) async throws(ProviderError)
        -> ChallengeRecord
    {
        if let error = refusals.withLock({ $0.publishing }) { throw error }
        if taken.withLock({ $0.contains(name) }) { throw .rejected("a CNAME record stands at the name") }
        let record = ChallengeRecord(id: "record-\(published.all.count)", name: name, value: value)
        published.add(record)
        return record
    }

    func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        if let error = refusals.withLock({ $0.removing }) { throw error }
        if let clock = hangs.withLock({ $0 }) { try? await clock.sleep(for: .seconds(3600)) }
        if Task.isCancelled { throw .unavailable("cancelled") }
        removed.add(record)
    }

    func zones() async throws(ProviderError) -> [Zone] { [zone] }
    func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents {
        ZoneContents([], cuts: contents.withLock { $0[zone.name] } ?? ZoneCuts())
    }
    func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] { [] }
}

/// Propagation with a fixed result.
struct FixedPropagation: PropagationWaiting {
    struct Call: Hashable, Sendable {
        let name: String
        let values: Set<String>
    }

    let result: PropagationResult
    var aliases: [String: String] = [:]
    let calls = AsyncCollector<Call>()

    func wait(for values: Set<String>, at name: String, zones: [Zone], limit: Duration, scope: Scope) async
        -> PropagationResult
    {
        calls.add(Call(name: name, values: values))
        return result
    }

    func alias(of name: String, zone: Zone, scope: Scope) async -> String? { aliases[name] }
}
