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
    @Test func `an event that changes nothing desired reads only the engine`() async throws {
        let fixture = try PipelineFixture()
        let first = await fixture.run(.startUp)
        #expect(first.reach == .all && first.changes == 1)
        fixture.clearRequests()
        for _ in 0..<20 {
            let report = await fixture.run(.event, .reconnection)
            #expect(report.reach == .local)
            #expect(report.changes == 0 && report.isClean)
            #expect(report.hosts.map(\.record) == [RecordState(outcome: .unchanged, current: "A 85.214.132.117")])
        }
        #expect(fixture.requests == 0)
        #expect(fixture.told.all.count == 1)
    }

    @Test(arguments: [Trigger.Kind.timer, .hangUp, .once, .startUp])
    func `a trigger that reads everything does so even beside events`(_ kind: Trigger.Kind) async throws {
        let fixture = try PipelineFixture()
        _ = await fixture.run(.startUp)
        fixture.clearRequests()
        #expect(await fixture.run(.event, kind).reach == .all)
        // Zones, records, address.
        #expect(fixture.requests == 3)
    }

    @Test func `an event with a new label reads everything, once`() async throws {
        let fixture = try PipelineFixture()
        _ = await fixture.run(.startUp)
        fixture.ask(for: "web.example.test, shop.example.test")
        let report = await fixture.run(.event)
        #expect(report.reach == .all && report.changes == 1)
        fixture.clearRequests()
        #expect(await fixture.run(.event).reach == .local)
        fixture.ask(for: "web.example.test")
        #expect(await fixture.run(.event).reach == .all)
    }

    @Test func `the first run reads everything, whatever its trigger`() async throws {
        let fixture = try PipelineFixture()
        #expect(await fixture.run(.event).reach == .all)
    }

    @Test func `a certificate that is due makes it whole`() async throws {
        let fixture = try PipelineFixture(certificates: true)
        _ = await fixture.run(.startUp)
        fixture.clearRequests()
        #expect(await fixture.run(.event).reach == .all)
        #expect(fixture.requests == 3)
    }

    @Test func `what could not be read is read again until everything was read once`() async throws {
        let fixture = try PipelineFixture()
        fixture.cloudflare.faults.add(Fault(.html(status: 502)))
        #expect(await !fixture.run(.startUp).isClean)
        fixture.cloudflare.faults.clear()
        let report = await fixture.run(.event)
        #expect(report.reach == .all && report.isClean)
    }

    @Test func `a later problem stays until everything is read again, and is announced once`() async throws {
        let fixture = try PipelineFixture()
        _ = await fixture.run(.startUp)
        fixture.cloudflare.faults.add(Fault(.html(status: 502)))
        #expect(await !fixture.run(.timer).isClean)
        let told = fixture.told.all.count
        fixture.cloudflare.faults.clear()
        fixture.clearRequests()
        for _ in 0..<3 {
            let report = await fixture.run(.event)
            #expect(report.reach == .local && !report.isComplete && !report.isClean)
        }
        #expect(fixture.requests == 0)
        #expect(fixture.told.all.count == told)
        #expect(await fixture.run(.timer).isClean)
        #expect(fixture.told.all.count == told + 1)
    }

    @Test func `a dry run spares the providers too, and goes on saying what would be changed`() async throws {
        let fixture = try PipelineFixture(isDryRun: true)
        let first = await fixture.run(.startUp)
        #expect(first.reach == .all && first.changes == 1)
        fixture.clearRequests()
        let report = await fixture.run(.event)
        #expect(report.reach == .local && report.changes == 1)
        #expect(fixture.requests == 0)
        #expect(await fixture.run(.timer).reach == .all)
    }
}
