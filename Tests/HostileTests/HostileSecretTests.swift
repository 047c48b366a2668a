import Files
import Model
import Ports
import Report
import TestSupport
import Testing

/// Private keys, and who asks for them with `landfall.secret`.
@Suite(.limited(minutes: 5)) struct HostileSecretTests {
    private static let victim = StubService("victim", ["landfall.host": "victim.example.test, www.example.test"])

    /// Certificates of a victim, of others, of no service, and of the thief's own host.
    private func storeCertificates(_ fixture: HostileFixture) async throws {
        let certbot = try await StubCertbot(fixture)
        try await certbot.store("victim.example.test", "victim.example.test")
        try await certbot.store("wildcard.example.test", "example.test", "*.example.test")
        try await certbot.store("foreign", "mail.elsewhere.example")
        try await certbot.store("mixed", "thief.example.test", "victim.example.test")
        try await certbot.store("thief.example.test", "thief.example.test")
    }

    private func expectNothingGiven(_ fixture: HostileFixture) {
        #expect(fixture.docker.acts.isEmpty)
        #expect(!fixture.docker.engine.requests.all.contains { $0.body.contains("PRIVATE KEY") })
    }

    @Test(arguments: ["victim.example.test", "wildcard.example.test", "foreign", "mixed", "../victim.example.test"])
    func `a label gets no private key for names that are not the service's own`(lineage: String) async throws {
        try await HostileFixture.use { fixture in
            try await storeCertificates(fixture)
            let thief = StubService(
                "thief",
                ["landfall.host": "thief.example.test", "landfall.secret": "x=\(lineage)"]
            )
            fixture.deploy(Self.victim, thief)
            try await fixture.start()
            let report = try await fixture.run()
            expectNothingGiven(fixture)
            guard case .refused(let reason)? = report.secrets.first?.outcome else {
                Issue.record("\(report.secrets)")
                return
            }
            if !lineage.hasPrefix("..") {
                #expect(reason.contains("LANDFALL_SECRET_ALLOW=thief=\(lineage)"), "\(reason)")
            }
        }
    }

    @Test func `a newcomer at a victim's host does not get its key, nor does one while the victim is deployed anew`()
        async throws
    {
        try await HostileFixture.use { fixture in
            try await storeCertificates(fixture)
            let thief = StubService(
                "aaa",
                ["landfall.host": "victim.example.test", "landfall.secret": "x=victim.example.test"]
            )
            fixture.deploy(Self.victim)
            try await fixture.start()
            fixture.deploy(Self.victim, thief)
            for _ in 0..<2 { try await fixture.run() }
            expectNothingGiven(fixture)
            fixture.deploy(thief)
            for _ in 0..<2 { try await fixture.run() }
            expectNothingGiven(fixture)
        }
    }

    @Test func `two services that came at once get no key of the host that both request`() async throws {
        try await HostileFixture.use { fixture in
            try await storeCertificates(fixture)
            let labels: StubLabels = [
                "landfall.host": "victim.example.test", "landfall.secret": "x=victim.example.test",
            ]
            fixture.deploy(StubService("one", labels), StubService("two", labels))
            try await fixture.start()
            try await fixture.run()
            expectNothingGiven(fixture)
        }
    }

    @Test func `the owner may allow it, for one service`() async throws {
        try await HostileFixture.use { fixture in
            try await storeCertificates(fixture)
            let labels: StubLabels = ["landfall.secret": "x=wildcard.example.test"]
            fixture.deploy(StubService("allowed", labels), StubService("thief", labels))
            try await fixture.start(["LANDFALL_SECRET_ALLOW": "allowed=wildcard.example.test"])
            try await fixture.run()
            #expect(fixture.docker.acts.contains("POST /services/allowed/update"))
            #expect(!fixture.docker.acts.contains("POST /services/thief/update"))
        }
    }

    @Test func `a service gets the key of its own host`() async throws {
        try await HostileFixture.use { fixture in
            try await storeCertificates(fixture)
            let labels: StubLabels = ["landfall.host": "thief.example.test", "landfall.secret": "x=thief.example.test"]
            fixture.deploy(Self.victim, StubService("thief", labels))
            try await fixture.start()
            try await fixture.run()
            #expect(fixture.docker.acts.contains("POST /services/thief/update"))
        }
    }
}
