import Discovery
import Emulators
import Model
import Notices
import Pipeline
import Records
import Report
import TestSupport
import Testing
import Timing

/// Hosts that proxies are told, on their way to records.
@Suite(.limited(minutes: 1)) struct SourcesTests {
    private static let traefik = SourceSettings(names: [.landfall, .traefik])

    private func service(_ id: String, _ host: String, _ more: [String: String] = [:], running: Int = 1) -> String {
        let labels = [
            "traefik.http.routers.\(id).rule": "Host(`\(host)`)",
            "traefik.http.services.\(id).loadbalancer.server.port": "80",
        ].merging(more) { $1 }
        let members = JSONValue.strings(labels)
        return
            #"{"ID":"\#(id)","Spec":{"Name":"\#(id)","Labels":\#(members)},"ServiceStatus":{"RunningTasks":\#(running)}}"#
    }

    private func records(_ fixture: PipelineFixture) -> Set<String> {
        Set(fixture.cloudflare.records(in: "example.test").map(\.name))
    }

    @Test func `a new source only shows what it would do until a person accepts it`() async throws {
        let fixture = try PipelineFixture(sources: Self.traefik)
        fixture.add(services: (1...200).map { service("t\($0)", "t\($0).example.test") }.joined(separator: ","))
        let first = await fixture.run(.timer)
        #expect(first.hosts.map(\.name.text) == ["web.example.test"])
        let hint = try #require(first.hints.first { $0.text.contains("the source traefik is new") })
        #expect(hint.text.contains("200 records"))
        #expect(hint.text.contains("landfall once --accept-source traefik"))
        #expect(hint.isAbout(try DomainName("t1.example.test")))
        #expect(first.conditions.contains { $0.line.contains("the source traefik is new") })

        let plan = await fixture.plan()
        #expect(plan.records.count { $0.action == .create && $0.host.text.hasPrefix("t") } == 200)

        let accepted = await fixture.run(confirming: SourceConfirmation.text(of: "traefik"))
        #expect(accepted.hosts.count == 201)
        #expect(accepted.hints.isEmpty)
        #expect(await fixture.run(.timer).hosts.count == 201)
        #expect(records(fixture).count == 201)
    }

    @Test func `LANDFALL_SOURCE_ACCEPT lets a source request at once`() async throws {
        let settings = SourceSettings(names: [.traefik], areAccepted: true)
        let fixture = try PipelineFixture(sources: settings)
        fixture.add(services: service("t1", "t1.example.test"))
        #expect(await fixture.run(.timer).hosts.map(\.name.text) == ["t1.example.test"])
        #expect(records(fixture) == ["t1.example.test"])
    }

    @Test func `with another setting only what is new waits, a host or a certificate`() async throws {
        func settings(_ digest: String, orders: Bool = false) -> SourceSettings {
            SourceSettings(names: [.traefik], ordersOpenCertificates: orders, digests: [.traefik: digest])
        }
        let fixture = try PipelineFixture(certificates: true, sources: settings("1"))
        fixture.add(services: service("t1", "t1.example.test"))
        _ = await fixture.run(confirming: SourceConfirmation.text(of: "traefik"))
        fixture.add(services: "\(service("t1", "t1.example.test")),\(service("t2", "t2.example.test"))")
        _ = await fixture.run(.timer)
        #expect(records(fixture) == ["t1.example.test", "t2.example.test"])
        fixture.add(services: ["t1", "t2", "t3"].map { service($0, "\($0).example.test") }.joined(separator: ","))
        fixture.restart(settings("2", orders: true))
        let changed = await fixture.run(.timer)
        #expect(changed.hosts.map(\.name.text) == ["t1.example.test", "t2.example.test"])
        #expect(changed.certificates.isEmpty)
        #expect(records(fixture) == ["t1.example.test", "t2.example.test"])
        let hint = try #require(changed.hints.first { $0.text.contains("the source traefik is set up in another way") })
        #expect(hint.text.contains("it would request 1 record and certificates for 3 hosts ("))
        let accepted = await fixture.run(confirming: SourceConfirmation.text(of: "traefik"))
        #expect(accepted.hosts.count == 3 && accepted.certificates.count == 3)
        // Switched off and on, with the same settings.
        fixture.restart(SourceSettings())
        _ = await fixture.run(.timer)
        fixture.add(
            services: ["t1", "t2", "t3", "t4"].map { service($0, "\($0).example.test") }.joined(separator: ",")
        )
        fixture.restart(settings("2", orders: true))
        #expect(await fixture.run(.timer).hosts.map(\.name.text) == ["t1", "t2", "t3"].map { "\($0).example.test" })
    }

    @Test func `a proxy's name is never placed below the default domain`() async throws {
        let settings = SourceSettings(names: [.traefik], areAccepted: true)
        let domain = try DomainName("example.test")
        let fixture = try PipelineFixture(domain: domain, sources: settings)
        fixture.add(services: "\(service("t1", "nas.local")),\(service("t2", "web"))")
        let report = await fixture.run(.timer)
        #expect(report.hosts.map(\.name.text) == ["nas.local"])
        #expect(report.records.map(\.action) == [.refuse])
        #expect(
            report.records.first?.reason?.hasSuffix(
                "give Landfall its zone, or let the label `landfall.host: none` opt its object out"
            ) == true
        )
        #expect(report.refusals.contains { $0.reason.contains("a name of one part lies in no zone") })
        #expect(records(fixture).isEmpty)
    }

    @Test func `a service without a task keeps its record and gets no new one`() async throws {
        let settings = SourceSettings(names: [.traefik], areAccepted: true)
        let policy = RecordPolicy(instance: "default", defaultProxied: true, mode: .sync, grace: .seconds(1))
        let fixture = try PipelineFixture(sources: settings, policy: policy)
        fixture.add(services: service("t1", "t1.example.test"))
        _ = await fixture.run(.timer)
        #expect(records(fixture) == ["t1.example.test"])
        let others = "\(service("t1", "t1.example.test", running: 0)),\(service("t2", "t2.example.test", running: 0))"
        fixture.add(services: "\(others),\(service("t3", "t3.example.test"))")
        for _ in 0..<5 {
            fixture.clock.advance(by: .seconds(3600))
            _ = await fixture.run(.timer)
        }
        #expect(records(fixture) == ["t1.example.test", "t3.example.test"])
    }

    @Test func `explain names the object, the label, the part of the rule and why there is no certificate`()
        async throws
    {
        let fixture = try PipelineFixture(certificates: true, sources: Self.traefik)
        fixture.add(
            services: service(
                "t1",
                "t1.example.test`) || Host(`t2.example.test",
                ["traefik.http.routers.t1.tls.certresolver": "le"]
            )
        )
        let explanation = await fixture.pipeline.explain(try DomainName("t2.example.test"))
        let asker = try #require(explanation.askers.first)
        #expect("\(asker.origin)" == "service t1")
        #expect(asker.label == "traefik.http.routers.t1.rule")
        #expect(asker.part == "Host(`t2.example.test`)")
        #expect(asker.certificate == "none")
        #expect(asker.reason == "traefik: router t1 has the resolver le")
        #expect(explanation.hints.contains { $0.contains("the source traefik is new and waits") })
        #expect(explanation.verdict == "nothing will happen until `landfall once --accept-source traefik` accepts it")
        _ = await fixture.run(confirming: SourceConfirmation.text(of: "traefik"))
        #expect(await fixture.pipeline.explain(try DomainName("t2.example.test")).verdict == "everything is up to date")
    }

    @Test func `explain says why a declaration is not used`() async throws {
        let fixture = try PipelineFixture(sources: Self.traefik)
        fixture.add(services: service("t1", "t1.example.test", ["traefik.enable": "false"]))
        let explanation = await fixture.pipeline.explain(try DomainName("t1.example.test"))
        #expect(explanation.askers.isEmpty)
        #expect(explanation.hints.contains { $0.contains("service t1") && $0.contains("not enabled") })
    }
}
