import Emulators
import Model
import Notices
import Pipeline
import Ports
import Report
import TestSupport
import Testing
import Timing

/// Records that somebody made by hand.
@Suite struct AdoptionTests {
    private func content(_ fixture: PipelineFixture) -> [String] {
        fixture.cloudflare.records(in: "example.test").map(\.content)
    }

    @Test func `a record made by hand changes once a person hands it over, and all say how`() async throws {
        let fixture = try PipelineFixture()
        try fixture.cloudflare.put(RecordDraft(name: "web", type: "A", content: "85.214.1.1"), in: "example.test")
        let report = await fixture.run(.startUp)
        let reason = try #require(report.records.first?.reason)
        #expect(reason.contains("`landfall once --adopt web.example.test`"))
        #expect(report.hosts.first?.record?.outcome == .refused(reason))
        #expect(await fixture.plan().records.first?.reason == reason)
        #expect(await fixture.pipeline.explain(try DomainName("web.example.test")).records.first?.reason == reason)
        #expect(fixture.told.all.flatMap(\.lines).contains { $0.text.contains(reason) })
        _ = await fixture.run(confirming: "adopt:other.example.test")
        #expect(content(fixture) == ["85.214.1.1"])
        #expect(await fixture.run(confirming: "adopt:web.example.test").isClean)
        #expect(content(fixture) == ["85.214.132.117"])
        #expect(await fixture.run(.timer).changes == 0)
    }

    @Test func `a record of a Worker is not handed over, and nothing is put beside it`() async throws {
        let fixture = try PipelineFixture()
        let worker = RecordDraft(name: "web", type: "AAAA", content: "100::", proxied: true)
        try fixture.cloudflare.put(worker, in: "example.test", isReadOnly: true)
        let report = await fixture.run(confirming: "adopt:web.example.test")
        #expect(report.records.first?.reason?.contains(" belongs to a Cloudflare Worker, so ") == true)
        #expect(content(fixture) == ["100::"])
    }

    @Test func `a short name in a confirmation means what it means in a label`() async throws {
        let fixture = try PipelineFixture(domain: try DomainName("example.test"))
        fixture.ask(for: "web.lab")
        try fixture.cloudflare.put(RecordDraft(name: "web.lab", type: "A", content: "85.214.1.1"), in: "example.test")
        _ = await fixture.run(confirming: "adopt:web.lab")
        #expect(content(fixture) == ["85.214.132.117"])
    }

    @Test(arguments: ["adopt:", "adopt:a b", "adopt", "web.example.test"])
    func `what names nothing hands over nothing`(confirmation: String) async throws {
        let fixture = try PipelineFixture()
        try fixture.cloudflare.put(RecordDraft(name: "web", type: "A", content: "85.214.1.1"), in: "example.test")
        _ = await fixture.run(confirming: confirmation)
        #expect(content(fixture) == ["85.214.1.1"])
    }
}
