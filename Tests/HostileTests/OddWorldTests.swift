import Emulators
import Model
import Ports
import Report
import TestSupport
import Testing

/// Resolvers, addresses and labels that are odd, and a daemon that has to live with them.
@Suite(.limited(minutes: 5)) struct OddWorldTests {
    @Test func `check says which resolvers are used, and that none of them answers`() async throws {
        try await HostileFixture.use { fixture in
            let changes = ["LANDFALL_CERTIFICATES": "on", "LANDFALL_RESOLVERS": "127.0.0.1:9"]
            let output = try await fixture.command("check", changes: changes).outputText
            #expect(
                output.contains("✗ resolvers: 127.0.0.1:9, by LANDFALL_RESOLVERS; 127.0.0.1:9 does not answer"),
                "\(output)"
            )
            #expect(output.contains("- zone example.test: no resolver answers"), "\(output)")
        }
    }

    @Test func `an address that flips rewrites the records twice, and one notice says why`() async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            try await fixture.start()
            let addresses = [fixture.publicAddress, "85.214.132.118"]
            var contents: [String] = []
            for round in 1...8 {
                fixture.addresses.settings.ipv4 = addresses[round % 2]
                try await fixture.run()
                contents += fixture.records
            }
            let first = "A www.example.test \(addresses[0])"
            #expect(contents == ["A www.example.test \(addresses[1])"] + [String](repeating: first, count: 7))
            try await fixture.awaitMessage(about: "changes back and forth")
            let texts = fixture.slack.messages.map(\.text).filter { $0.contains("changes back and forth") }
            #expect(texts.count == 1, "\(texts)")
            let explained = try await fixture.command("explain", "www.example.test").outputText
            #expect(explained.contains("LANDFALL_IP="), "\(explained)")
        }
    }

    @Test func `a label that is emptied does not end the certificate of a service that was served`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            fixture.deploy(
                StubService("web", ["landfall.host": "www.example.test"]),
                StubService("api", ["landfall.host": "api.example.test"])
            )
            try await fixture.start(certbot.variables)
            #expect(Set(certbot.orders) == ["www.example.test", "api.example.test"])
            fixture.deploy(StubService("web", ["landfall.host": ""]))
            let certificates = try await fixture.run().certificates
            let actions = Dictionary(certificates.map { ($0.lineage, $0.action) }) { first, _ in first }
            #expect(actions == ["www.example.test": .keep, "api.example.test": .leave], "\(certificates)")
            let remarks = certificates.first { $0.lineage == "www.example.test" }?.remarks ?? []
            #expect(remarks.contains { $0.contains("a rejected label may mean it: service web: landfall.host") })
        }
    }
}
