import Emulators
import Model
import Notices
import Pipeline
import Ports
import Records
import Report
import TestSupport
import Testing
import Timing

/// What certificates have to know of records. No certbot can be started here, so orders fail.
@Suite struct CertificatePlanTests {
    private func outcome(_ report: Report) -> Outcome? { report.certificates.first?.outcome }

    @Test func `a host that gets a record of its own in this run is ordered for, wildcard or not`() async throws {
        let fixture = try PipelineFixture(certificates: true)
        try fixture.cloudflare.put(RecordDraft(name: "*", type: "A", content: "85.214.1.1"), in: "example.test")
        let plan = await fixture.plan()
        #expect(plan.certificates.map(\.action) == [.issue])
    }

    @Test func `one that shall have none gets no challenge below a wildcard`() async throws {
        let fixture = try PipelineFixture(certificates: true)
        fixture.askWithoutRecord(for: "api.example.test")
        let before = await fixture.plan()
        #expect(before.certificates.map(\.action) == [.issue, .issue])
        try fixture.cloudflare.put(RecordDraft(name: "*", type: "A", content: "85.214.1.1"), in: "example.test")
        let refused = await fixture.plan()
        #expect(refused.certificates.map(\.action) == [.refuse, .issue])
        #expect(refused.certificates.first?.reason?.contains("use `landfall.certificate: wildcard`") == true)
        try fixture.cloudflare.put(RecordDraft(name: "api", type: "A", content: "85.214.1.1"), in: "example.test")
        let after = await fixture.plan()
        #expect(after.certificates.map(\.action) == [.issue, .issue])
    }

    @Test func `an empty store beside records of ours orders nothing, which is announced once`() async throws {
        let fixture = try PipelineFixture(certificates: true)
        let mark = RecordDraft(name: "web", type: "A", content: "85.214.132.117", comment: "landfall:default")
        try fixture.cloudflare.put(mark, in: "example.test")
        for _ in 0..<2 {
            let report = await fixture.run(.startUp)
            #expect(report.problems.map(\.stage) == ["certificate"])
            #expect(outcome(report)?.detail?.contains("--confirm-empty-store") == true)
        }
        #expect(fixture.told.all.flatMap(\.lines).count { $0.text.contains("--confirm-empty-store") } == 1)
        let document = await fixture.plan()
        #expect(document.problems.contains { $0.text.contains("--confirm-empty-store") })
        let confirmed = await fixture.run(confirming: "empty-store")
        #expect(confirmed.problems.isEmpty)
        #expect(outcome(confirmed)?.detail?.contains("no ACME account") == true)
        #expect(outcome(await fixture.run(.startUp))?.detail?.contains("no ACME account") == true)
    }

    @Test func `the records that a first run makes are no reason to doubt the store`() async throws {
        let fixture = try PipelineFixture(certificates: true)
        for _ in 0..<2 {
            let report = await fixture.run(.startUp)
            #expect(report.problems.isEmpty && outcome(report)?.detail?.contains("no ACME account") == true)
        }
    }
}
