import Emulators
import Model
import Pipeline
import Ports
import Report
import TestSupport
import Testing
import Timing

/// What an event costs that changes nothing.
@Suite struct EconomyTests {
    @Test func `an event after which the same is desired asks nobody but the engine`() async throws {
        let stand = try PipelineFixture()
        let first = await stand.run(.startUp)
        #expect(first.reach == .all && first.changes == 1)
        stand.clearRequests()
        for _ in 0..<20 {
            let report = await stand.run(.event, .reconnection)
            #expect(report.reach == .local)
            #expect(report.changes == 0 && report.isClean)
            #expect(report.hosts.map(\.record) == [RecordState(outcome: .unchanged, current: "A 85.214.132.117")])
        }
        #expect(stand.requests == 0)
        #expect(stand.told.all.count == 1)
    }

    @Test(arguments: [Trigger.Kind.timer, .hangUp, .once, .startUp])
    func `whoever asks for everything gets it, events beside it or not`(_ kind: Trigger.Kind) async throws {
        let stand = try PipelineFixture()
        _ = await stand.run(.startUp)
        stand.clearRequests()
        #expect(await stand.run(.event, kind).reach == .all)
        // Zones, records, address.
        #expect(stand.requests == 3)
    }

    @Test func `an event with a new label reads everything, once`() async throws {
        let stand = try PipelineFixture()
        _ = await stand.run(.startUp)
        stand.ask(for: "web.example.test, shop.example.test")
        let report = await stand.run(.event)
        #expect(report.reach == .all && report.changes == 1)
        stand.clearRequests()
        #expect(await stand.run(.event).reach == .local)
        stand.ask(for: "web.example.test")
        #expect(await stand.run(.event).reach == .all)
    }

    @Test func `the first look is whole, whatever asks for it`() async throws {
        let stand = try PipelineFixture()
        #expect(await stand.run(.event).reach == .all)
    }

    @Test func `a certificate that is due makes it whole`() async throws {
        let stand = try PipelineFixture(certificates: true)
        _ = await stand.run(.startUp)
        stand.clearRequests()
        #expect(await stand.run(.event).reach == .all)
        #expect(stand.requests == 3)
    }

    @Test func `what could not be seen is looked at again while it was never seen whole`() async throws {
        let stand = try PipelineFixture()
        stand.cloudflare.faults.add(Fault(.html(status: 502)))
        #expect(await !stand.run(.startUp).isClean)
        stand.cloudflare.faults.clear()
        let report = await stand.run(.event)
        #expect(report.reach == .all && report.isClean)
    }

    @Test func `trouble that came later stands until everything is read again, and is told once`() async throws {
        let stand = try PipelineFixture()
        _ = await stand.run(.startUp)
        stand.cloudflare.faults.add(Fault(.html(status: 502)))
        #expect(await !stand.run(.timer).isClean)
        let told = stand.told.all.count
        stand.cloudflare.faults.clear()
        stand.clearRequests()
        for _ in 0..<3 {
            let report = await stand.run(.event)
            #expect(report.reach == .local && !report.isComplete && !report.isClean)
        }
        #expect(stand.requests == 0)
        #expect(stand.told.all.count == told)
        #expect(await stand.run(.timer).isClean)
        #expect(stand.told.all.count == told + 1)
    }

    @Test func `a dry run spares the providers too, and goes on saying what would be changed`() async throws {
        let stand = try PipelineFixture(isDryRun: true)
        let first = await stand.run(.startUp)
        #expect(first.reach == .all && first.changes == 1)
        stand.clearRequests()
        let report = await stand.run(.event)
        #expect(report.reach == .local && report.changes == 1)
        #expect(stand.requests == 0)
        #expect(await stand.run(.timer).reach == .all)
    }
}
