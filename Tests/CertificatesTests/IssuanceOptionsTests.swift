@testable import Certificates
import DNS
import Glibc
import Model
import Ports
import Report
import State
import TestSupport
import Testing

/// certbot's options beyond names and server, with real certbots and a real ACME server.
@Suite(.serialized, .limited(minutes: 2)) struct IssuanceOptionsTests {
    private static let name = "a.example.test"

    private func order(_ fixture: ACMEFixture, _ settings: CertbotSettings? = nil) async throws -> CertificateReport {
        let step = CertificateStep(
            lineage: Self.name,
            names: [try DomainName(Self.name)],
            action: .issue("there is no certificate yet")
        )
        let stage = fixture.stage(settings)
        let plan = CertificatePlan(steps: [step])
        return try #require(await stage.apply(plan, zones: fixture.provider.directory) { _ in }.first)
    }

    private func succeed(_ fixture: ACMEFixture, _ settings: CertbotSettings? = nil) async throws {
        let result = try await order(fixture, settings)
        #expect(result.outcome.word == "changed", "\(result.outcome)")
    }

    @Test(arguments: CertbotGeneration.mostly(.new))
    func `external account binding is passed in a file that does not stay`(certbot: CertbotGeneration) async throws {
        let key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
        let configuration = #""externalAccountBindingRequired": true, "externalAccountMACKeys": {"kid-1": "\#(key)"}"#
        try await ACMEFixture.with(certbot, configuration: configuration) { fixture in
            let without = try await order(fixture)
            #expect(
                without.outcome.detail?.hasSuffix("set CERTBOT_EAB_KID and CERTBOT_EAB_HMAC_KEY") == true,
                "\(without.outcome)"
            )
            var settings = fixture.settings
            settings.options.binding = AccountBinding(kid: "kid-1", key: Secret(key))
            let result = try await order(fixture, settings)
            #expect(result.outcome.word == "changed", "\(result.outcome)")
            let traces = try await fixture.scratch.run("sh", "-c", "grep -rl \(key) . --exclude=pebble.json || true")
            #expect(traces.isEmpty, "\(traces)")
        }
    }

    @Test(arguments: CertbotGeneration.mostly(.new))
    func `a key stays of its kind until another one is asked for`(certbot: CertbotGeneration) async throws {
        try await ACMEFixture.with(certbot) { fixture in
            var settings = fixture.settings
            settings.options.key = .rsa(bits: 2048)
            try await succeed(fixture, settings)
            #expect(try await keyKind(fixture) == "RSA")
            try await succeed(fixture)
            #expect(try await keyKind(fixture) == "RSA")
            settings.options.key = .ecdsa(bits: 384)
            try await succeed(fixture, settings)
            #expect(try await keyKind(fixture) == "secp384r1")
        }
    }

    private func keyKind(_ fixture: ACMEFixture) async throws -> String {
        let key = "letsencrypt/live/\(Self.name)/privkey.pem"
        let text = try await fixture.scratch.run("openssl", "pkey", "-in", key, "-noout", "-text")
        return text.contains("secp384r1") ? "secp384r1" : text.contains("modulus") ? "RSA" : text
    }

    @Test(arguments: CertbotGeneration.mostly(.old))
    func `of several accounts the lineage's own is used`(certbot: CertbotGeneration)
        async throws
    {
        try await ACMEFixture.with(certbot) { fixture in
            try await succeed(fixture)
            let folder = try await fixture.scratch.run("find", "letsencrypt/accounts", "-name", "dir").trimmed
            let first = try #require(try fixture.scratch.list(folder).first)
            // As somebody registers another one by hand.
            try await fixture.scratch.run("mv", "\(folder)/\(first)", "kept")
            try await fixture.scratch.run(
                [certbot.program, "register", "-n", "--agree-tos", "--register-unsafely-without-email"]
                    + ["--server", fixture.settings.server, "--config-dir", fixture.settings.configDirectory]
                    + ["--work-dir", "work", "--logs-dir", "logs"],
                environment: ["REQUESTS_CA_BUNDLE": "\(fixture.scratch.path)/ca.pem"]
            )
            try await fixture.scratch.run("mv", "kept", "\(folder)/\(first)")
            #expect(try fixture.scratch.list(folder).count == 2)

            let result = try await order(fixture)
            #expect(result.outcome.word == "changed", "\(result.outcome)")
            #expect(try fixture.scratch.list(folder).count == 2)
            #expect(try fixture.scratch.text("letsencrypt/renewal/\(Self.name).conf").contains("account = \(first)"))
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `a missing plugin costs no order, and is named`(certbot: CertbotGeneration) async throws {
        let log = try await ACMEFixture.with(certbot) { fixture in
            var settings = fixture.settings
            settings.authenticator = try CertbotAuthenticator(named: "dns-nowhere", credentials: Secret("key = x"))
            let result = try await order(fixture, settings)
            #expect(result.outcome == .failed("certbot's plugin dns-nowhere is not installed beside certbot"))
            #expect(try fixture.state.texts(in: "certificate-failures").isEmpty)
        }
        #expect(!log.contains("new order"))
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `a profile is ordered where certbot supports profiles`(certbot: CertbotGeneration) async throws {
        let log = try await ACMEFixture.with(certbot) { fixture in
            var settings = fixture.settings
            settings.options.profile = "shortlived"
            let outcome = try await order(fixture, settings).outcome
            switch certbot {
            case .old:
                let reason = "CERTBOT_PROFILE needs certbot 4.0 or newer, but /usr/bin/certbot is 2.1.0"
                #expect(outcome == .failed(reason))
            case .new:
                #expect(outcome.word == "changed", "\(outcome)")
                let renewal = try fixture.scratch.text("letsencrypt/renewal/\(Self.name).conf")
                #expect(renewal.contains("required_profile = shortlived"))
            }
        }
        if certbot == .old { #expect(!log.contains("new order")) }
    }

    @Test func `the deploy hook gets the lineage's real path, and its failure is a warning`() async throws {
        try await ACMEFixture.with { fixture in
            var settings = fixture.settings
            settings.options.deployHook = #"echo "$RENEWED_LINEAGE $RENEWED_DOMAINS" >\#(fixture.scratch.path)/said"#
            try await succeed(fixture, settings)
            #expect(try fixture.scratch.text("said") == "\(settings.configDirectory)/live/\(Self.name) \(Self.name)\n")
            settings.options.deployHook = "echo no proxy here >&2; exit 3"
            let result = try await order(fixture, settings)
            #expect(result.fingerprint != nil)
            #expect(
                result.outcome.detail?.hasSuffix("; CERTBOT_DEPLOY_HOOK exited with status 3: no proxy here") == true,
                "\(result.outcome)"
            )
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `the key group can pass folders and read keys, also after renewals`(certbot: CertbotGeneration) async throws {
        try await ACMEFixture.with(certbot) { fixture in
            var settings = fixture.settings
            settings.options.keyGroup = "daemon"
            try await succeed(fixture, settings)
            #expect(try await modes(fixture) == Self.shared(key: 1))
            // certbot itself keeps a renewed key's group; somebody may not.
            try await succeed(fixture, settings)
            try await fixture.scratch.run("chmod", "700", "letsencrypt/archive")
            try await fixture.scratch.run("chgrp", "root", "letsencrypt/archive/\(Self.name)/privkey2.pem")
            let stage = fixture.stage(settings)
            let plan = await stage.plan([], zones: fixture.provider.directory)
            _ = await stage.apply(plan, zones: fixture.provider.directory) { _ in }
            #expect(try await modes(fixture) == Self.shared(key: 2))
        }
    }

    private static func shared(key number: Int) -> [String] {
        [
            "drwx--x--- daemon letsencrypt/archive", "drwx--x--- daemon letsencrypt/live",
            "-rw-r----- daemon letsencrypt/archive/\(name)/privkey\(number).pem",
        ]
    }

    private func modes(_ fixture: ACMEFixture) async throws -> [String] {
        let key = "letsencrypt/live/\(Self.name)/privkey.pem"
        let path = try await fixture.scratch.run("realpath", "--relative-to=.", key).trimmed
        let lines = try await fixture.scratch.run(
            "stat",
            "-c",
            "%A %G %n",
            "letsencrypt/archive",
            "letsencrypt/live",
            path
        )
        return lines.split(separator: "\n").map(String.init)
    }
}
