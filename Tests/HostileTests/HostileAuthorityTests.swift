import Certificates
import Emulators
import HTTPServer
import Model
import Ports
import Report
import TestSupport
import Testing

/// What an authority certifies and offers, found out before an order.
@Suite(.limited(minutes: 5)) struct HostileAuthorityTests {
    @Test func `a name that is never certified has its record, no order, and one reason everywhere`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            // Let's Encrypt knows no name below example.test.
            let variables = certbot.variables.merging(["CERTBOT_RULES": "letsencrypt"]) { $1 }
            fixture.deploy(StubService("web", ["landfall.host": "web.example.test"]))
            try await fixture.start(variables)
            try await fixture.awaitOnlyRecord("A web.example.test \(fixture.publicAddress)")
            let reason = "Let's Encrypt never certifies web.example.test: it ends in no public suffix"
            #expect(try await fixture.awaitMessage(about: "never certifies").contains(reason))
            #expect(try await fixture.command("plan", changes: variables).outputText.contains(reason))
            #expect(
                try await fixture.command("explain", "web.example.test", changes: variables).outputText.contains(reason)
            )
            #expect(String(decoding: try await fixture.askPage("/api/status").body, as: UTF8.self).contains(reason))
            #expect(certbot.orders.isEmpty)
        }
    }

    @Test func `check names a profile that the authority does not offer, and a certbot that knows none`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            try await fixture.runProgram([
                "openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-subj",
                "/CN=ca", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(fixture.path)/ca.key", "-out",
                "\(fixture.path)/ca.pem",
            ])
            let identity = HTTPServer.Identity(
                certificate: try #require(fixture.text("ca.pem")),
                key: try #require(fixture.text("ca.key"))
            )
            let directory: JSONValue = [
                "newOrder": "https://ca.test/order", "meta": ["profiles": ["classic": "x", "tlsserver": "y"]],
            ]
            let server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), identity: identity) { _ in
                .json(directory)
            }
            defer { server.stop() }
            let variables = certbot.variables.merging([
                "CERTBOT_SERVER": "https://127.0.0.1:\(server.port)/dir", "LANDFALL_CA_FILE": "\(fixture.path)/ca.pem",
                "CERTBOT_PROFILE": "shortlived",
            ]) { $1 }
            let output = try await fixture.command("check", changes: variables).outputText
            #expect(
                output.contains(
                    "the authority does not offer the profile `shortlived` of CERTBOT_PROFILE, only classic, tlsserver"
                ),
                "\(output)"
            )
            #expect(output.contains("CERTBOT_PROFILE needs certbot 4.0 or newer, but this is certbot 2.1.0"))
        }
    }
}
