@testable import Certificates
import DNS
import Model
import Ports
import Report
import TestSupport
import Testing

/// Certificates that a person got with certbot alone, of both generations, and what Landfall makes of them.
@Suite(.serialized, .limited(minutes: 2)) struct PlainCertbotTests {
    /// The authority believes every challenge here.
    private static let credulous = ["PEBBLE_VA_ALWAYS_VALID": "1"]

    private func hosts(_ names: String..., as choice: CertificateChoice = .each) throws -> [DesiredHost] {
        try names.map { name in
            DesiredHost(
                name: try DomainName(name),
                origin: Origin(kind: .service, id: "id", name: "web"),
                certificate: choice
            )
        }
    }

    private func order(
        _ certbot: CertbotGeneration,
        _ lineage: String,
        _ names: String...,
        in fixture: ACMEFixture,
        times: Int = 1
    ) async throws {
        for _ in 1...times {
            try await fixture.scratch.run(
                [certbot.program, "certonly", "--non-interactive", "--agree-tos", "--register-unsafely-without-email"]
                    + [
                        "--manual", "--preferred-challenges", "dns", "--manual-auth-hook", "/bin/true",
                        "--force-renewal",
                    ]
                    + ["--server", fixture.settings.server, "--cert-name", lineage] + names.flatMap { ["-d", $0] }
                    + ["--config-dir", fixture.settings.configDirectory, "--work-dir", "work", "--logs-dir", "logs"],
                environment: ["REQUESTS_CA_BUNDLE": "\(fixture.scratch.path)/ca.pem"]
            )
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `they are kept, renewed when due, and grow`(certbot: CertbotGeneration) async throws {
        try await ACMEFixture.with(certbot, pebble: Self.credulous) { fixture in
            try await order(certbot, "a.example.test", "a.example.test", in: fixture)
            let single = try hosts("a.example.test")
            #expect(await fixture.run(single).map(\.outcome) == [.unchanged])
            // Of five years, a third is left in the fourth.
            let later = OffsetClock(days: 1460)
            let renewed = try #require(await fixture.run(single, clock: later).first)
            #expect(renewed.outcome.detail?.hasPrefix("renewed, valid until ") == true, "\(renewed.outcome)")
            #expect(try fixture.scratch.list("letsencrypt/archive/a.example.test").contains("fullchain2.pem"))

            try await order(certbot, "shop", "b.example.test", "c.example.test", in: fixture)
            let shared = try hosts("b.example.test", "c.example.test", "d.example.test", as: .shared(lineage: "shop"))
            let grown = try #require(await fixture.run(single + shared, clock: later).first { $0.lineage == "shop" })
            #expect(grown.outcome.isChange, "\(grown.outcome)")
            #expect(fixture.onDisk("shop")?.names.count == 3)
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `they count for the authority's limits`(certbot: CertbotGeneration) async throws {
        try await ACMEFixture.with(certbot, pebble: Self.credulous) { fixture in
            try await order(certbot, "a.example.test", "a.example.test", in: fixture, times: 5)
            var settings = fixture.settings
            settings.limits = CertificateLimits.standard(of: CertbotSettings.production)
            let uses = fixture.stage(settings).rateLimitUsage(of: [try DomainName("a.example.test")])
            let set = try #require(uses.value?.first { $0.kind == .set })
            #expect((set.used, set.limit) == (5, 5))
        }
    }
}
