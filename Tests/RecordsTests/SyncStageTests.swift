import DNS
import Model
import Ports
import Records
import Report
import State
import TestSupport
import Testing

/// Deleting, run by run.
@Suite struct SyncStageTests {
    private let clock = TestClock()
    private let state: StateStore
    private let zone: Zone
    private let other: Zone
    private let provider: MemoryProvider

    init() throws {
        state = try .inMemory()
        zone = Zone(name: try DomainName("example.test"), id: "z1")
        other = Zone(name: try DomainName("other.test"), id: "z2")
        provider = MemoryProvider(zones: [zone, other])
    }

    private func stage(_ mode: RecordPolicy.Mode = .sync) -> RecordStage {
        RecordStage(
            policy: RecordPolicy(instance: "blue", defaultProxied: false, mode: mode),
            store: OwnedRecordStore(state: state, clock: clock)
        )
    }

    @discardableResult
    private func run(
        _ stage: RecordStage,
        _ names: String...,
        after pause: Duration = .zero,
        confirming codes: [String] = []
    ) async throws -> (plan: RecordPlan, outcomes: [String: Outcome]) {
        clock.advance(by: pause)
        let hosts = try names.map {
            DesiredHost(name: try DomainName($0), origin: Origin(kind: .service, id: $0, name: $0))
        }
        let addresses = PublicAddresses(v4: IPAddress("93.184.216.34").map { .known($0) }, v6: nil)
        let zones = await ZoneDirectory.read(from: [provider], allowed: nil)
        let demand = DesiredState(hosts, addresses: addresses, confirmations: codes)
        let plan = await stage.plan(demand, zones: zones)
        let results = await stage.apply(plan) { _ in }
        return (plan, Dictionary(results.map { ($0.host.text, $0.outcome) }) { first, _ in first })
    }

    private var names: [String] { provider.records.map(\.name.text).sorted() }

    @Test func `what nobody asks for goes after the grace, and its zone is read until then`() async throws {
        let stage = stage()
        try await run(stage, "a.example.test", "b.other.test")
        for pause in [5, 300, 294] {
            try await run(stage, "a.example.test", after: .seconds(pause))
            #expect(names == ["a.example.test", "b.other.test"])
        }
        let last = try await run(stage, "a.example.test", after: .seconds(6))
        #expect(last.outcomes["b.other.test"] == .changed("deleted A 93.184.216.34, which no label requests any more"))
        #expect(names == ["a.example.test"])
        let reads = provider.reads[other]
        // Once more, to see that it is gone; then nothing of ours is there.
        try await run(stage, "a.example.test", after: .seconds(300))
        try await run(stage, "a.example.test", after: .seconds(300))
        #expect(provider.reads[other] == reads.map { $0 + 1 })
        #expect(try state.texts(in: "owned-records").count == 1)
    }

    @Test func `a restart neither shortens the grace nor forgets what was seen of it`() async throws {
        try await run(stage(), "a.example.test", "b.example.test")
        let first = stage()
        try await run(first, "a.example.test")
        try await run(first, "a.example.test", after: .seconds(500))
        // Days later: the days do not count, the 500 seconds do.
        let second = stage()
        try await run(second, "a.example.test", after: .seconds(500_000))
        #expect(names.count == 2)
        try await run(second, "a.example.test", after: .seconds(99))
        #expect(names.count == 2)
        try await run(second, "a.example.test", after: .seconds(1))
        #expect(names == ["a.example.test"])
    }

    @Test func `time in which something could not be seen does not count`() async throws {
        let stage = stage()
        try await run(stage, "a.example.test", "b.example.test")
        for _ in 0..<5 {
            try await run(stage, "a.example.test", after: .seconds(10))
            stage.markReadIncomplete()
            clock.advance(by: .seconds(3600))
            provider.fail(true)
            try await run(stage, "a.example.test")
            provider.fail(false)
        }
        #expect(names.count == 2)
    }

    @Test func `planning alone counts nothing`() async throws {
        let stage = stage()
        try await run(stage, "a.example.test", "b.example.test")
        try await run(stage, "a.example.test")
        let noted = try state.texts(in: "owned-records")
        let zones = await ZoneDirectory.read(from: [provider], allowed: nil)
        let host = DesiredHost(
            name: try DomainName("a.example.test"),
            origin: Origin(kind: .service, id: "a", name: "a")
        )
        for _ in 0..<5 {
            clock.advance(by: .seconds(600))
            _ = await stage.plan(DesiredState([host], addresses: PublicAddresses(v4: nil, v6: nil)), zones: zones)
        }
        #expect(try state.texts(in: "owned-records") == noted)
    }

    @Test func `many at once wait for the code of exactly their list`() async throws {
        let stage = stage()
        try await run(stage, "a.example.test", "b.example.test", "c.example.test")
        try await run(stage, "a.example.test")
        try await run(stage, "a.example.test", after: .seconds(300))
        let held = try await run(stage, "a.example.test", after: .seconds(300))
        let code = try #require(held.plan.deletions?.code)
        #expect(held.plan.deletions?.records == ["b.example.test A 93.184.216.34", "c.example.test A 93.184.216.34"])
        #expect(held.plan.deletions?.isConfirmed == false)
        #expect(names.count == 3)
        // Another list, another code; and 1 of 3 needs none.
        let shorter = try await run(stage, "a.example.test", "b.example.test", confirming: [code])
        #expect(shorter.plan.deletions == nil)
        #expect(names == ["a.example.test", "b.example.test"])
    }

    @Test func `the code does it`() async throws {
        let stage = stage()
        try await run(stage, "a.example.test", "b.example.test", "c.example.test")
        for _ in 0..<4 { try await run(stage, "a.example.test", after: .seconds(300)) }
        let wrong = try await run(stage, "a.example.test", confirming: ["00000000"])
        #expect(names.count == 3)
        let code = try #require(wrong.plan.deletions?.code)
        let right = try await run(stage, "a.example.test", confirming: ["00000000", code])
        #expect(right.plan.deletions?.isConfirmed == true)
        #expect(names == ["a.example.test"])
    }

    @Test func `who switches to upsert deletes nothing any more`() async throws {
        let first = stage()
        try await run(first, "a.example.test", "b.example.test")
        for _ in 0..<2 { try await run(first, "a.example.test", after: .seconds(299)) }
        let second = stage(.upsert)
        for _ in 0..<5 { try await run(second, "a.example.test", after: .seconds(3600)) }
        #expect(names.count == 2)
    }
}
