import DNS
import Model
import Ports
@testable import Records
import Report
import TestSupport
import Testing

/// What holds in every world; a failing seed is the world to look at.
///
/// One after the other, and with pauses for others: planning is all work and no waiting, and Swift has few threads.
@Suite(.serialized) struct PlannerPropertyTests {
    private static let seeds: ClosedRange<UInt64> = 1...(TestScale.isFull ? 2000 : 200)

    private func afterRun(_ world: RandomZone) async -> (
        provider: MemoryProvider, results: [RecordReport], again: RecordPlan
    ) {
        let provider = MemoryProvider(zones: world.zones, records: world.records)
        let stage = RecordStage(policy: world.policy)
        let directory = world.directory(provider)
        let plan = await stage.plan(world.demand(directory), zones: directory)
        let results = await stage.apply(plan) { _ in }
        return (provider, results, await stage.plan(world.demand(directory), zones: directory))
    }

    @Test func `after a run there is nothing left to write, and what was written was possible`() async throws {
        var writes = 0
        for seed in Self.seeds {
            await Task.yield()
            let (provider, results, again) = await afterRun(try RandomZone(seed: seed))
            #expect(!again.steps.contains { $0.action.isWrite }, "seed \(seed)")
            #expect(!results.contains { $0.isUnwritten }, "seed \(seed)")
            writes += provider.writes
        }
        #expect(writes > Self.seeds.count / 2)
    }

    @Test func `no record vanishes, and at most one of a name and a kind changes`() async throws {
        for seed in Self.seeds {
            await Task.yield()
            let world = try RandomZone(seed: seed)
            let after = await afterRun(world).provider.records
            let changed = world.records.filter { !after.contains($0) }
            #expect(Set(world.records.map(\.id)).isSubset(of: Set(after.map(\.id))), "seed \(seed)")
            let kinds = Set(changed.map { "\($0.name) \($0.kind)" })
            #expect(kinds.count == changed.count, "seed \(seed)")
        }
    }

    @Test func `nothing of another instance, of an undesired name or outside the allowed zones is touched`()
        async throws
    {
        for seed in Self.seeds {
            await Task.yield()
            let world = try RandomZone(seed: seed)
            let after = await afterRun(world).provider.records
            let asked = world.demand(world.directory(MemoryProvider())).hosts
            let desired = Set(asked.filter { $0.target != .none }.map(\.name))
            for record in world.records where !after.contains(record) {
                #expect(record.comment != "landfall:other", "seed \(seed)")
                let isOurs = record.comment == "landfall:default"
                let follows = IPAddress(record.content).map(world.addresses.isOrWas) ?? false
                #expect(isOurs || follows || world.policy.adopts, "seed \(seed)")
                #expect(desired.contains(record.name), "seed \(seed)")
            }
            for record in after where !world.records.contains(record) {
                #expect(world.allowed?.contains(where: record.name.isWithin) ?? true, "seed \(seed)")
            }
        }
    }

    @Test func `an adopted record keeps its comment, and its options unless a label names them`() async throws {
        for seed in Self.seeds {
            await Task.yield()
            let world = try RandomZone(seed: seed)
            let after = await afterRun(world).provider.records
            for old in world.records {
                guard let new = after.first(where: { $0.id == old.id }) else { continue }
                #expect(new.comment == old.comment, "seed \(seed)")
                let hosts = world.demand(world.directory(MemoryProvider())).hosts
                let asked = hosts.filter { $0.name == old.name }.map(\.options)
                let isPrivate = IPAddress(new.content).map { !$0.isPublic } ?? false
                if asked.allSatisfy({ $0.proxied == nil }) {
                    #expect(
                        new.proxied == (isPrivate && new.content != old.content ? false : old.proxied),
                        "seed \(seed)"
                    )
                }
                if asked.allSatisfy({ $0 == RecordOptions() }) { #expect(new.ttl == old.ttl, "seed \(seed)") }
            }
        }
    }

    @Test func `the policy create changes no record`() async throws {
        for seed in Self.seeds {
            await Task.yield()
            let world = try RandomZone(seed: seed)
            guard world.policy.mode == .create else { continue }
            let after = await afterRun(world).provider.records
            #expect(world.records.allSatisfy(after.contains), "seed \(seed)")
        }
    }

    @Test func `what could not be read yields no write`() async throws {
        for seed in Self.seeds {
            await Task.yield()
            let world = try RandomZone(seed: seed)
            let directory = world.directory(MemoryProvider())
            let unreadable = Dictionary(
                uniqueKeysWithValues: world.zones.map { ($0, Observation<ZoneContents>.unavailable(reason: "502")) }
            )
            let blind = RecordPlanner.plan(
                world.demand(directory),
                ActualRecords(zones: directory, contents: unreadable),
                policy: world.policy
            )
            #expect(!blind.steps.contains { $0.action.isWrite }, "seed \(seed)")
            let silent = Observation<IPAddress>.unavailable(reason: "silent")
            let lost = RecordPlanner.plan(
                DesiredState(
                    world.desired.filter { $0.target == .publicAddress },
                    addresses: PublicAddresses(v4: silent, v6: silent)
                ),
                ActualRecords(
                    zones: directory,
                    contents: [
                        world.zones[0]: .known(ZoneContents(world.records)), world.zones[1]: .known(ZoneContents([])),
                    ]
                ),
                policy: world.policy
            )
            #expect(!lost.steps.contains { $0.action.isWrite }, "seed \(seed)")
        }
    }
}

extension RecordStep.Action {
    var isWrite: Bool {
        switch self {
        case .create, .update, .delete: true
        case .keep, .hold, .refuse, .wait: false
        }
    }
}

extension RecordReport {
    /// A write that the provider did not take, unlike what waits for something.
    fileprivate var isUnwritten: Bool {
        if case .failed(let reason) = outcome { !reason.contains("silent") } else { false }
    }
}
