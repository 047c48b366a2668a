import Emulators
import Model
import Pipeline
import Ports
import Records
import Report
import TestSupport
import Testing
import Timing

@Suite struct ExplainTests {
    private func explain(_ name: String, _ fixture: PipelineFixture) async throws -> Explanation {
        await fixture.pipeline.explain(try DomainName(name))
    }

    @Test func `a host has its requesters, its zone, its present records and what a run would do`() async throws {
        let fixture = try PipelineFixture(certificates: true)
        let before = try await explain("web.example.test", fixture)
        #expect(before.askers.map(\.origin.name) == ["web"] && before.askers.map(\.label) == ["landfall.host"])
        #expect(before.askers.map(\.record) == ["the public address"])
        #expect(before.zone?.text == "example.test" && before.provider == "Cloudflare")
        #expect(before.current?.isEmpty == true)
        #expect(before.records.map(\.action) == [.create] && before.certificates.map(\.action) == [.issue])
        #expect(fixture.cloudflare.records(in: "example.test").isEmpty)
        _ = await fixture.run(.startUp)
        let after = try await explain("web.example.test", fixture)
        #expect(after.current?.map(\.content) == ["85.214.132.117"] && after.current?.map(\.isOurs) == [true])
        #expect(after.records.map(\.action) == [.keep])
        #expect(after.problems.isEmpty)
    }

    @Test func `what a plan holds is held in the explanation too`() async throws {
        let fixture = try PipelineFixture(certificates: true)
        // A record of this instance in DNS and no certificate: the volume may be missing.
        let draft = RecordDraft(name: "web", type: "A", content: "85.214.132.1", comment: "landfall:default")
        try fixture.cloudflare.put(draft, in: "example.test")
        let plan = await fixture.plan()
        let explanation = try await explain("web.example.test", fixture)
        #expect(plan.certificates.map(\.action) == [.wait])
        #expect(explanation.certificates == plan.certificates && explanation.records == plan.records)
        #expect(explanation.verdict.hasPrefix("the next run changes the record; the certificate waits: "))
        #expect(explanation.verdict.contains("is the right volume mounted?"), "\(explanation.verdict)")
    }

    @Test(
        arguments: [
            (.issue, nil, "the next run changes it"),
            (.wait, "until 12:00 after a failure: no", "nothing will happen yet: until 12:00 after a failure: no"),
            (.refuse, "CAA", "nothing will happen until you fix what is refused"),
            (.keep, nil, "nothing will happen, because no label requests this name"),
        ] as [(CertificateReport.Action, String?, String)]
    )
    func `the verdict is the certificate's, with its reason`(
        action: CertificateReport.Action,
        reason: String?,
        verdict: String
    ) throws {
        let name = try DomainName("web.example.test")
        var explanation = Explanation(name)
        explanation.certificates = [
            CertificateReport(
                lineage: "web.example.test",
                hosts: [name],
                action: action,
                reason: reason,
                outcome: .unchanged,
                fingerprint: nil,
                notAfter: nil
            )
        ]
        #expect(explanation.verdict == verdict)
        explanation.isDryRun = true
        #expect(explanation.verdict == (action == .issue ? "LANDFALL_DRY_RUN is on, so nothing will happen" : verdict))
    }

    @Test func `another spelling is explained as the host that it means`() async throws {
        let fixture = try PipelineFixture(domain: try DomainName("example.test"))
        fixture.ask(for: "web.lab")
        let explanation = try await explain("web.lab", fixture)
        #expect(explanation.name.text == "web.lab.example.test")
        #expect(explanation.askers.count == 1)
        #expect(explanation.hints.contains { $0.contains("DEFAULT_DOMAIN") })
    }

    @Test func `a name that no label requests has similar names and the owner of its record`() async throws {
        let fixture = try PipelineFixture()
        try fixture.cloudflare.put(RecordDraft(name: "wep", type: "A", content: "85.214.1.1"), in: "example.test")
        let explanation = try await explain("wep.example.test", fixture)
        #expect(explanation.askers.isEmpty && explanation.records.isEmpty)
        #expect(explanation.similar.map(\.text) == ["web.example.test"])
        #expect(explanation.current?.map(\.instance) == [nil])
    }

    @Test func `labels in the wrong place that name it are shown`() async throws {
        let fixture = try PipelineFixture()
        fixture.mislabel()
        let lost = try await explain("lost.example.test", fixture)
        #expect(lost.hints.contains { $0.contains("service lost") && $0.contains("deploy: labels:") })
        let stray = try await explain("stray.example.test", fixture)
        #expect(stray.askers.map { "\($0.origin)" } == ["container stray"])
    }

    @Test func `a refused label that means it is shown`() async throws {
        let fixture = try PipelineFixture()
        fixture.ask(for: "web.example.test,we_b.example.test")
        let explanation = try await explain("we-b.example.test", fixture)
        #expect(explanation.refusals.map(\.value) == ["we_b.example.test"])
    }

    @Test func `what cannot be read is shown, and nothing counts as absent`() async throws {
        let fixture = try PipelineFixture()
        _ = await fixture.run(.startUp)
        fixture.cloudflare.faults.add(Fault(.html(status: 502)))
        let blind = try await explain("web.example.test", fixture)
        #expect(blind.current == nil && !blind.problems.isEmpty)
        fixture.cloudflare.faults.clear()
        fixture.reachEngine(false)
        let deaf = try await explain("web.example.test", fixture)
        #expect(deaf.askers.isEmpty && !deaf.problems.isEmpty && deaf.current?.count == 1)
    }

    @Test func `a record that will be deleted shows for how long it stays`() async throws {
        let fixture = try PipelineFixture(policy: RecordPolicy(instance: "blue", defaultProxied: true, mode: .sync))
        fixture.ask(for: "a.example.test,b.example.test")
        _ = await fixture.run(.startUp)
        fixture.ask(for: "a.example.test")
        _ = await fixture.run(.timer)
        let explanation = try await explain("b.example.test", fixture)
        #expect(explanation.records.map(\.action) == [.hold])
        #expect(explanation.records.first?.reason?.contains("no label requests it") == true)
    }
}
