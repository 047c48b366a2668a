import DNS
import Model
import Records
import Synchronization
import TestSupport
import Testing

@Suite struct RecordStageTests {
    private let zone: Zone
    private let stage = RecordStage(policy: RecordPolicy(instance: "default", defaultProxied: false, mode: .upsert))
    private let addresses = PublicAddresses(v4: IPAddress("93.184.216.34").map { .known($0) }, v6: nil)

    init() throws {
        zone = Zone(name: try DomainName("example.test"), id: "z1")
    }

    private func hosts(_ names: String...) throws -> [DesiredHost] {
        try names.map { DesiredHost(name: try DomainName($0), origin: Origin(kind: .service, id: $0, name: $0)) }
    }

    private func run(_ hosts: [DesiredHost], at provider: MemoryProvider) async -> [String: Outcome] {
        let directory = await ZoneDirectory.read(from: [provider], allowed: nil)
        let plan = await stage.plan(RecordDemand(hosts, addresses: addresses), zones: directory)
        let results = await stage.apply(plan) { _ in }
        return Dictionary(uniqueKeysWithValues: results.map { ($0.host.text, $0.outcome) })
    }

    @Test func `outcomes say what was done, the old content included`() async throws {
        let provider = MemoryProvider(
            zones: [zone],
            records: [
                DNSRecord(id: "1", name: try DomainName("old.example.test"), kind: .a, content: "93.184.215.14"),
                DNSRecord(id: "2", name: try DomainName("same.example.test"), kind: .a, content: "93.184.216.34"),
            ]
        )
        let outcomes = await run(try hosts("new.example.test", "old.example.test", "same.example.test"), at: provider)
        #expect(outcomes["new.example.test"] == .changed("created A 93.184.216.34"))
        #expect(outcomes["old.example.test"] == .changed("updated A 93.184.216.34, was A 93.184.215.14"))
        #expect(outcomes["same.example.test"] == .unchanged)
    }

    @Test func `changed options are named`() async throws {
        let name = try DomainName("www.example.test")
        let provider = MemoryProvider(
            zones: [zone],
            records: [DNSRecord(id: "1", name: name, kind: .a, content: "93.184.216.34", ttl: 1, proxied: true)]
        )
        let host = DesiredHost(
            name: name,
            origin: Origin(kind: .service, id: "web", name: "web"),
            options: RecordOptions(proxied: false, ttl: 300)
        )
        #expect(
            await run([host], at: provider)[name.text] == .changed("updated A 93.184.216.34; not proxied; ttl 300")
        )
    }

    @Test func `one host that cannot be written stops no other`() async throws {
        let provider = MemoryProvider(zones: [zone], broken: [try DomainName("b.example.test")])
        let outcomes = await run(try hosts("a.example.test", "b.example.test", "c.example.test"), at: provider)
        #expect(outcomes["a.example.test"] == .changed("created A 93.184.216.34"))
        #expect(outcomes["b.example.test"] == .failed("Memory: cannot write now"))
        #expect(outcomes["c.example.test"] == .changed("created A 93.184.216.34"))
    }

    @Test func `a zone is read once, and one without hosts not at all`() async throws {
        let other = Zone(name: try DomainName("other.test"), id: "z2")
        let provider = MemoryProvider(zones: [zone, other])
        _ = await run(try hosts("a.example.test", "b.example.test", "c.example.test"), at: provider)
        #expect(provider.reads == [zone: 1])
    }

    @Test func `planning writes nothing`() async throws {
        let provider = MemoryProvider(zones: [zone])
        let directory = await ZoneDirectory.read(from: [provider], allowed: nil)
        let demand = RecordDemand(try hosts("a.example.test"), addresses: addresses)
        let plan = await stage.plan(demand, zones: directory)
        #expect(plan.steps.map(\.action.isWrite) == [true])
        #expect(provider.writes == 0)
        #expect(provider.records.isEmpty)
    }

    @Test func `every host's beginning and end is told`() async throws {
        let provider = MemoryProvider(zones: [zone])
        let directory = await ZoneDirectory.read(from: [provider], allowed: nil)
        let demand = RecordDemand(try hosts("a.example.test", "b.example.test"), addresses: addresses)
        let plan = await stage.plan(demand, zones: directory)
        let gathering = Gathering<Progress>()
        _ = await stage.apply(plan) { gathering.add($0) }
        let ended = gathering.all.filter { if case .ended(.changed) = $0.state { true } else { false } }
        #expect(gathering.all.count == 4)
        #expect(Set(ended.map(\.subject)) == ["a.example.test", "b.example.test"])
    }
}
