import Certificates
import DNS
import Glibc
import Model
import Ports
import State
import TestSupport
import Testing

/// What a user may want of certbot beyond names and server, with real certbots against a real ACME server.
@Suite(.serialized, .limited(minutes: 2)) struct IssuanceOptionsTests {
    private static let name = "a.example.test"

    private func order(_ world: ACMEFixture, _ settings: CertbotSettings? = nil) async throws -> CertificateResult {
        let step = CertificateStep(
            lineage: Self.name,
            names: [try DomainName(Self.name)],
            action: .issue("there is no certificate yet")
        )
        let stage = world.stage(settings)
        let plan = CertificatePlan(steps: [step])
        return try #require(await stage.apply(plan, zones: world.provider.directory) { _ in }.first)
    }

    private func succeed(_ world: ACMEFixture, _ settings: CertbotSettings? = nil) async throws {
        let result = try await order(world, settings)
        #expect(result.outcome.word == "changed", "\(result.outcome)")
    }

    @Test(arguments: CertbotGeneration.mostly(.new))
    func `an authority that asks whose the account is is told, by a file that does not stay`(
        certbot: CertbotGeneration
    ) async throws {
        let key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
        let configuration = #""externalAccountBindingRequired": true, "externalAccountMACKeys": {"kid-1": "\#(key)"}"#
        try await ACMEFixture.with(certbot, configuration: configuration) { world in
            let without = try await order(world)
            #expect(
                without.outcome.detail?.hasSuffix("set CERTBOT_EAB_KID and CERTBOT_EAB_HMAC_KEY") == true,
                "\(without.outcome)"
            )
            var settings = world.settings
            settings.options.binding = AccountBinding(kid: "kid-1", key: Secret(key))
            let result = try await order(world, settings)
            #expect(result.outcome.word == "changed", "\(result.outcome)")
            let traces = try await world.scratch.run(
                "sh",
                "-c",
                "grep -rl \(key) . --exclude=pebble.json || true"
            )
            #expect(traces.isEmpty, "\(traces)")
        }
    }

    @Test(arguments: CertbotGeneration.mostly(.new))
    func `a key stays of its kind until another one is asked for`(certbot: CertbotGeneration) async throws {
        try await ACMEFixture.with(certbot) { world in
            var settings = world.settings
            settings.options.key = .rsa(bits: 2048)
            try await succeed(world, settings)
            #expect(try await keyKind(world) == "RSA")
            try await succeed(world)
            #expect(try await keyKind(world) == "RSA")
            settings.options.key = .ecdsa(bits: 384)
            try await succeed(world, settings)
            #expect(try await keyKind(world) == "secp384r1")
        }
    }

    private func keyKind(_ world: ACMEFixture) async throws -> String {
        let key = "letsencrypt/live/\(Self.name)/privkey.pem"
        let text = try await world.scratch.run("openssl", "pkey", "-in", key, "-noout", "-text")
        return text.contains("secp384r1") ? "secp384r1" : text.contains("modulus") ? "RSA" : text
    }

    @Test(arguments: CertbotGeneration.mostly(.old))
    func `of several accounts the lineage's own is used, and none is registered`(certbot: CertbotGeneration)
        async throws
    {
        try await ACMEFixture.with(certbot) { world in
            try await succeed(world)
            let folder = try await world.scratch.run("find", "letsencrypt/accounts", "-name", "dir").trimmed
            let first = try #require(try world.scratch.list(folder).first)
            // As somebody registers another one by hand.
            try await world.scratch.run("mv", "\(folder)/\(first)", "kept")
            try await world.scratch.run(
                [certbot.program, "register", "-n", "--agree-tos", "--register-unsafely-without-email"]
                    + ["--server", world.settings.server, "--config-dir", world.settings.configDirectory]
                    + ["--work-dir", "work", "--logs-dir", "logs"],
                environment: ["REQUESTS_CA_BUNDLE": "\(world.scratch.path)/ca.pem"]
            )
            try await world.scratch.run("mv", "kept", "\(folder)/\(first)")
            #expect(try world.scratch.list(folder).count == 2)

            let result = try await order(world)
            #expect(result.outcome.word == "changed", "\(result.outcome)")
            #expect(try world.scratch.list(folder).count == 2)
            #expect(try world.scratch.text("letsencrypt/renewal/\(Self.name).conf").contains("account = \(first)"))
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `a plugin that is not there costs no order, and is named`(certbot: CertbotGeneration) async throws {
        let log = try await ACMEFixture.with(certbot) { world in
            var settings = world.settings
            settings.authenticator = try CertbotAuthenticator(named: "dns-nowhere", credentials: Secret("key = x"))
            let result = try await order(world, settings)
            #expect(result.outcome == .failed("certbot's plugin dns-nowhere is not installed beside certbot"))
            #expect(try world.state.facts(in: "failures").isEmpty)
        }
        #expect(!log.contains("new order"))
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `a profile is asked for where certbot knows of profiles`(certbot: CertbotGeneration) async throws {
        let log = try await ACMEFixture.with(certbot) { world in
            var settings = world.settings
            settings.options.profile = "shortlived"
            let outcome = try await order(world, settings).outcome
            switch certbot {
            case .old:
                let reason = "CERTBOT_PROFILE needs certbot 4.0 or newer, but /usr/bin/certbot is 2.1.0"
                #expect(outcome == .failed(reason))
            case .new:
                #expect(outcome.word == "changed", "\(outcome)")
                let renewal = try world.scratch.text("letsencrypt/renewal/\(Self.name).conf")
                #expect(renewal.contains("required_profile = shortlived"))
            }
        }
        if certbot == .old { #expect(!log.contains("new order")) }
    }

    @Test func `the deploy hook hears of the lineage where it stays, and its failure is told, not fatal`() async throws
    {
        try await ACMEFixture.with { world in
            var settings = world.settings
            settings.options.deployHook = #"echo "$RENEWED_LINEAGE $RENEWED_DOMAINS" >\#(world.scratch.path)/said"#
            try await succeed(world, settings)
            #expect(
                try world.scratch.text("said") == "\(settings.configDirectory)/live/\(Self.name) \(Self.name)\n"
            )
            settings.options.deployHook = "echo no proxy here >&2; exit 3"
            let result = try await order(world, settings)
            #expect(result.onDisk != nil)
            #expect(
                result.outcome.detail?.hasSuffix("; CERTBOT_DEPLOY_HOOK exited with status 3: no proxy here") == true,
                "\(result.outcome)"
            )
        }
    }

    @Test(arguments: CertbotGeneration.mostly(.old))
    func `the keys' group passes folders and reads keys, and keeps doing so`(certbot: CertbotGeneration) async throws {
        try await ACMEFixture.with(certbot) { world in
            var settings = world.settings
            settings.options.keyGroup = "daemon"
            try await succeed(world, settings)
            #expect(try await modes(world) == Self.shared(key: 1))
            // certbot itself keeps a renewed key's group; somebody may not.
            try await succeed(world, settings)
            try await world.scratch.run("chmod", "700", "letsencrypt/archive")
            try await world.scratch.run("chgrp", "root", "letsencrypt/archive/\(Self.name)/privkey2.pem")
            let stage = world.stage(settings)
            let plan = await stage.plan([], zones: world.provider.directory)
            _ = await stage.apply(plan, zones: world.provider.directory) { _ in }
            #expect(try await modes(world) == Self.shared(key: 2))
        }
    }

    private static func shared(key number: Int) -> [String] {
        [
            "drwx--x--- daemon letsencrypt/archive", "drwx--x--- daemon letsencrypt/live",
            "-rw-r----- daemon letsencrypt/archive/\(name)/privkey\(number).pem",
        ]
    }

    private func modes(_ world: ACMEFixture) async throws -> [String] {
        let key = "letsencrypt/live/\(Self.name)/privkey.pem"
        let path = try await world.scratch.run("realpath", "--relative-to=.", key).trimmed
        let lines = try await world.scratch.run(
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
