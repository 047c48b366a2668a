import DNS
import Model
import Ports
@testable import Records
import Report
import Synchronization
import TestSupport
import Testing

@Suite struct RecordStageTests {
    private let zone: Zone
    private let stage = RecordStage(policy: RecordPolicy(instance: "default", defaultProxied: false, mode: .upsert))
    private let addresses = PublicAddresses(v4: IPAddress("93.184.216.34").map { .known($0) }, v6: nil)

    init() throws { zone = Zone(name: try DomainName("example.test"), id: "z1") }

    private func hosts(_ names: String...) throws -> [DesiredHost] {
        try names.map { DesiredHost(name: try DomainName($0), origin: Origin(kind: .service, id: $0, name: $0)) }
    }

    private func run(_ hosts: [DesiredHost], at provider: MemoryProvider) async -> [String: Outcome] {
        let directory = await ZoneDirectory.read(from: [provider], allowed: nil)
        let plan = await stage.plan(DesiredState(hosts, addresses: addresses), zones: directory)
        let results = await stage.apply(plan) { _ in }
        return Dictionary(uniqueKeysWithValues: results.map { ($0.host.text, $0.outcome) })
    }

    @Test func `outcomes say what was done, the old content included`() async throws {
        let provider = MemoryProvider(
            zones: [zone],
            records: [
                DNSRecord(
                    id: "1",
                    name: try DomainName("old.example.test"),
                    kind: .a,
                    content: "93.184.215.14",
                    comment: "landfall:default"
                ),
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
        let demand = DesiredState(try hosts("a.example.test"), addresses: addresses)
        let plan = await stage.plan(demand, zones: directory)
        #expect(plan.steps.map(\.action.isWrite) == [true])
        #expect(provider.writes == 0)
        #expect(provider.records.isEmpty)
    }

    @Test func `every host's start and end is reported`() async throws {
        let provider = MemoryProvider(zones: [zone])
        let directory = await ZoneDirectory.read(from: [provider], allowed: nil)
        let demand = DesiredState(try hosts("a.example.test", "b.example.test"), addresses: addresses)
        let plan = await stage.plan(demand, zones: directory)
        let gathering = AsyncCollector<Progress>()
        _ = await stage.apply(plan) { gathering.add($0) }
        let ended = gathering.all.filter { if case .ended(.changed) = $0.state { true } else { false } }
        #expect(gathering.all.count == 4)
        #expect(Set(ended.map(\.subject)) == ["a.example.test", "b.example.test"])
    }

    @Test func `a record that turns into another makes room for what stands beside it`() async throws {
        let name = try DomainName("www.example.test")
        let alias = DNSRecord(
            id: "1",
            name: name,
            kind: .cname,
            content: "old.example.net",
            comment: "landfall:default"
        )
        let provider = MemoryProvider(zones: [zone], records: [alias])
        let directory = await ZoneDirectory.read(from: [provider], allowed: nil)
        let both = PublicAddresses(v4: addresses.v4, v6: IPAddress("2606:2800:220::9").map { .known($0) })
        let plan = await stage.plan(DesiredState(try hosts(name.text), addresses: both), zones: directory)
        let outcomes = await stage.apply(plan) { _ in }.map(\.outcome)
        #expect(
            outcomes == [
                .changed("updated A 93.184.216.34, was CNAME old.example.net"),
                .changed("created AAAA 2606:2800:220::9"),
            ]
        )
        #expect(provider.records.map(\.kind) == [.a, .aaaa])
    }

    @Test func `what a provider does not confirm is said so`() async throws {
        let name = try DomainName("www.example.test")
        let wish = DNSRecord(name: name, kind: .a, content: "93.184.216.34", proxied: false)
        let other = DNSRecord(name: name, kind: .a, content: "93.184.215.14", proxied: true)
        for (answer, outcome) in [
            (
                Result<DNSRecord?, ProviderError>.success(nil),
                "Vague did not confirm A 93.184.216.34; the next run checks it"
            ),
            (
                .success(other),
                "Vague did not confirm A 93.184.216.34: it returns www.example.test A 93.184.215.14 proxied"
            ),
        ] {
            let entry = ZoneDirectory.Entry(zone: zone, provider: VagueProvider(answer: answer))
            let plan = RecordPlan(steps: [RecordStep(host: name, zone: entry, action: .create(wish))])
            #expect(await stage.apply(plan) { _ in }.map(\.outcome) == [.failed(outcome)])
        }
    }
}

/// Takes every change and says of it what it was told to.
private struct VagueProvider: DNSProvider {
    let name = "Vague"
    let answer: Result<DNSRecord?, ProviderError>

    func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] {
        changes.map { _ in answer }
    }

    func zones() async throws(ProviderError) -> [Zone] { [] }
    func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents { ZoneContents([]) }
    func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {}

    func publishChallenge(_ value: String, at name: String, in zone: Zone) async throws(ProviderError)
        -> ChallengeRecord
    {
        throw .rejected("no challenges here")
    }
}
