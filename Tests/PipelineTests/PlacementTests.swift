import Emulators
import Model
import Pipeline
import Ports
import Report
import TestSupport
import Testing
import Timing

/// One name for records, certificates and reports.
@Suite struct PlacementTests {
    @Test func `a name in no zone has its full name everywhere`() async throws {
        let fixture = try PipelineFixture(certificates: true, domain: try DomainName("example.test"))
        fixture.ask(for: "web.lab, example.test")
        let report = await fixture.run(.startUp)
        #expect(report.hosts.map(\.name.text) == ["example.test", "web.lab.example.test"])
        #expect(report.certificates.map(\.lineage) == ["example.test", "web.lab.example.test"])
        #expect(fixture.cloudflare.records(in: "example.test").map(\.name).sorted() == report.hosts.map(\.name.text))
        let plan = await fixture.plan()
        #expect(plan.records.map(\.host) == report.hosts.map(\.name))
    }

    @Test func `and so it has in a run that asks no provider`() async throws {
        let fixture = try PipelineFixture(domain: try DomainName("example.test"))
        fixture.ask(for: "web.lab")
        let first = await fixture.run(.startUp)
        let second = await fixture.run(.event)
        #expect(second.reach == .local)
        #expect(second.hosts.map(\.name) == first.hosts.map(\.name))
        #expect(second.hosts.map(\.record?.current) == first.hosts.map(\.record?.current))
    }
}
