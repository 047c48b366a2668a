import DNS
import Model
import Ports
import State
import TestSupport
import Testing
@testable import Records

/// The policy `sync` lived through: hosts come and go, reads fail, the daemon restarts and its clock jumps.
@Suite(.serialized) struct SyncPropertyTests {
    private static let seeds: ClosedRange<UInt64> = 1...(TestScale.isFull ? 1000 : 60)

    @Test func `what is deleted was ours, in sight and unasked for long enough`() async throws {
        var deleted = 0
        for seed in Self.seeds {
            await Task.yield()
            var life = try Life(seed: seed)
            for step in 0..<60 {
                for record in try await life.step() {
                    deleted += 1
                    #expect(record.comment == "landfall:default", "seed \(seed), step \(step)")
                    #expect(record.name.isWithin(life.allowed), "seed \(seed), step \(step)")
                    #expect(life.wasLongUnasked(record), "seed \(seed), step \(step): \(record.name)")
                }
            }
        }
        #expect(deleted > Self.seeds.count)
    }

    @Test(arguments: [RecordPolicy.Mode.upsert, .create])
    func `no other policy removes a name`(_ mode: RecordPolicy.Mode) async throws {
        for seed in Self.seeds.prefix(30) {
            await Task.yield()
            var life = try Life(seed: seed, mode: mode)
            for _ in 0..<40 { #expect(try await life.step().isEmpty, "seed \(seed)") }
        }
    }
}

/// Some weeks of a Landfall that may delete.
private struct Life {
    /// A moment at which everything was seen.
    private struct Sight {
        let at: Duration
        let process: Int
        let asked: Set<DomainName>
        /// Whether the one before it, of the same process, saw everything too, and nothing failed in between.
        let continues: Bool
    }

    private static let grace = Duration.seconds(600)

    let allowed: DomainName
    private let zones: [Zone]
    private let provider: MemoryProvider
    private let policy: RecordPolicy
    private let state: StateStore
    private let clock = TestClock()
    private var stage: RecordStage
    private var chance: SeededRandom
    private var asked: Set<DomainName> = []
    private var process = 0
    private var isInSight = false
    private var sights: [Sight] = []

    init(seed: UInt64, mode: RecordPolicy.Mode = .sync) throws {
        chance = SeededRandom(seed: seed)
        allowed = try DomainName("one.test")
        zones = try ["one.test", "two.test"].map { Zone(name: try DomainName($0), id: $0) }
        let names = try Self.names.map { try DomainName($0) }
        let comments = ["landfall:default", "landfall:default", "landfall:other", nil]
        var records: [DNSRecord] = []
        for name in names {
            let comment = chance.one(of: comments)
            records.append(
                DNSRecord(
                    id: name.text,
                    name: name,
                    kind: .a,
                    content: "93.184.216.34",
                    proxied: false,
                    comment: comment
                )
            )
        }
        provider = MemoryProvider(zones: zones, records: records)
        policy = RecordPolicy(instance: "default", defaultProxied: false, mode: mode, grace: Self.grace)
        state = try .inMemory()
        stage = RecordStage(policy: policy, store: OwnedRecordStore(state: state, clock: clock))
        asked = Set(names)
    }

    private static let names = (1...9).map { "h\($0).one.test" } + ["h1.two.test", "one.test", "*.one.test"]

    /// Something happens, and then a run; returns the records that it deleted.
    mutating func step() async throws -> [DNSRecord] {
        clock.advance(by: .seconds(Int.random(in: 1...400, using: &chance)))
        switch Int.random(in: 0..<10, using: &chance) {
        case 0: restart()
        case 1: clock.setNow(clock.now + .seconds(Int.random(in: -90_000...90_000, using: &chance)))
        case 2:
            stage.markReadIncomplete()
            isInSight = false
            return []
        case 3...5: try change()
        default: break
        }
        return await run(fails: Int.random(in: 0..<8, using: &chance) == 0)
    }

    private mutating func restart() {
        process += 1
        isInSight = false
        clock.advance(by: .seconds(Int.random(in: 1...5000, using: &chance)))
        stage = RecordStage(policy: policy, store: OwnedRecordStore(state: state, clock: clock))
    }

    private mutating func change() throws {
        let name = try DomainName(chance.one(of: Self.names))
        if !asked.insert(name).inserted { asked.remove(name) }
    }

    private mutating func run(fails: Bool) async -> [DNSRecord] {
        provider.fail(fails)
        let directory = ZoneDirectory(
            entries: zones.map { .init(zone: $0, provider: provider) },
            allowed: [allowed]
        )
        let hosts = asked.sorted().map { DesiredHost(name: $0, origin: Origin(kind: .service, id: "s", name: "s")) }
        let v4 = IPAddress("93.184.216.34").map { Observation.known($0) }
        let demand = DesiredState(hosts, addresses: PublicAddresses(v4: v4, v6: nil))
        let plan = await stage.plan(demand, zones: directory)
        if fails || hosts.isEmpty {
            isInSight = false
        } else {
            sights.append(Sight(at: clock.uptime, process: process, asked: asked, continues: isInSight))
            isInSight = true
        }
        let before = provider.records
        _ = await stage.apply(plan) { _ in }
        let after = Set(provider.records.map(\.id))
        return before.filter { !after.contains($0.id) }
    }

    /// Judged by the whole history, not by what the stage remembers.
    func wasLongUnasked(_ record: DNSRecord) -> Bool {
        var (seen, reads) = (Duration.zero, 0)
        for (index, sight) in sights.enumerated().reversed() {
            guard !sight.asked.contains(record.name) else { break }
            reads += 1
            let before = index > 0 ? sights[index - 1] : nil
            guard let before, sight.continues, before.process == sight.process else { continue }
            if !before.asked.contains(record.name) { seen += sight.at - before.at }
        }
        return reads >= 3 && seen >= Self.grace
    }
}
