import Certificates
import Crypto
import Emulators
import Model
import Ports
import Processes
import TestSupport
import Testing

extension IntegrationTests {
    /// What certbot and Landfall leave to each other, with both generations of certbot.
    @Suite struct CertbotTests {
        @Test(arguments: CertbotGeneration.allCases)
        func `every kind of name is got side by side, and plain certbot lists and keeps all of them`(
            certbot: CertbotGeneration
        ) async throws {
            guard certbot.isInstalled else { try skip(certbot.reasonToSkip) }
            try await SandboxFixture.use { fixture in
                let plain = fixture.host("web")
                let (updated, delegated) = ("web-\(fixture.token).dynamic.test", "far-\(fixture.token).dynamic.test")
                let alias = "_acme-challenge.\(delegated)"
                try await fixture.update("add \(alias) 60 CNAME far-\(fixture.token).example.net.")
                let names = [plain, "bücher-\(fixture.token).example.test", updated, delegated]
                try await fixture.createService("web", ["landfall.host": names.joined(separator: ",")])
                let wild = ["landfall.host": "wild-\(fixture.token).example.net", "landfall.certificate": "wildcard"]
                try await fixture.createService("wild", wild)
                let landfall = try await fixture.launch(["CERTBOT_PROGRAM": certbot.program])
                for lineage in try names.map({ try DomainName($0).text }) + ["wildcard.example.net"] {
                    _ = try await fixture.awaitCertificate(lineage)
                }
                try await eventually("the end of the challenges") { try await fixture.leftovers().isEmpty }
                // Two certbots do not run beside each other.
                try await fixture.settle()

                // Debian's timer runs this twice a day.
                let first = [fixture.certificate(plain), fixture.certificate(delegated)]
                let timer = try await fixture.plain(certbot, "renew")
                #expect(timer.end == .exited(0), "\(timer.errorText)")
                // Forced by hand it cannot answer the challenge, says so, and leaves everything as it is.
                let forced = try await fixture.plain(certbot, "renew", "--force-renewal")
                let output = forced.outputText + forced.errorText
                #expect(forced.end == .exited(1))
                #expect(output.contains("only a certbot that Landfall started may call this hook"), "\(output)")
                // Pebble takes one authorization in a hundred for valid once more, though it is told to take none.
                for (lineage, certificate) in zip([plain, delegated], first)
                where output.contains("/live/\(lineage)/fullchain.pem (failure)") {
                    #expect(certificate == fixture.certificate(lineage))
                }
                #expect(try await fixture.leftovers().isEmpty)

                // Nothing in the state directory is needed to go on with certbot alone.
                await landfall.dismiss()
                Disk.remove(fixture.state)
                let listed = try await fixture.plain(certbot, "certificates").outputText
                #expect(!listed.contains("INVALID") && !listed.contains(fixture.state), "\(listed)")
                #expect(listed.contains("\(fixture.certificates)/live/wildcard.example.net/fullchain.pem"))
                try await fixture.update("delete \(alias) CNAME")
            }
        }

        @Test func `a zone's own name is certified, also with its wildcard and behind a wildcard alias`() async throws {
            try await SandboxFixture.use { fixture in
                // Until the challenge shows, the alias does at its name; nothing can be published where it leads.
                let alias = RecordDraft(name: "*.example.net", type: "CNAME", content: "lb.example.net")
                let target = RecordDraft(name: "lb.example.net", type: "CNAME", content: "lb.elsewhere.test")
                for draft in [alias, target] { try await fixture.emulators.put(draft, in: "example.net") }
                try await fixture.createService("alone", ["landfall.host": "example.test"])
                let wildcard = ["landfall.host": "example.net", "landfall.certificate": "wildcard"]
                try await fixture.createService("wild", wildcard)
                try await fixture.launch()
                let alone = try await fixture.awaitCertificate("example.test")
                #expect(alone.names.map(\.text) == ["example.test"])
                let wild = try await fixture.awaitCertificate("wildcard.example.net")
                #expect(Set(wild.names.map(\.text)) == ["example.net", "*.example.net"])
                try await eventually("the end of the challenges") { try await fixture.leftovers().isEmpty }
            }
        }

        @Test(arguments: CertbotGeneration.mostly(.new))
        func `a plugin of certbot's publishes in its own way, with credentials that do not stay`(
            certbot: CertbotGeneration
        ) async throws {
            guard certbot.isInstalled else { try skip(certbot.reasonToSkip) }
            try await SandboxFixture.use { fixture in
                let host = "web-\(fixture.token).dynamic.test"
                try await fixture.createService("web", ["landfall.host": host])
                let secret = try #require(fixture.access.variables["RFC2136_KEY_SECRET"])
                let server = try #require(fixture.access.variables["RFC2136_SERVER"])
                let credentials = """
                    dns_rfc2136_server = \(server)
                    dns_rfc2136_name = landfall
                    dns_rfc2136_secret = \(secret)
                    dns_rfc2136_algorithm = HMAC-SHA256
                    """
                try await fixture.launch([
                    "CERTBOT_PROGRAM": certbot.program, "CERTBOT_AUTHENTICATOR": "dns-rfc2136",
                    "CERTBOT_CREDENTIALS": credentials, "DNS_PROPAGATION_SECONDS": "1",
                ])
                // Debian's certbot comes without it.
                guard certbot == .new else {
                    let message = try await fixture.awaitMessage(about: host)
                    #expect(message.contains("certbot's plugin dns-rfc2136 is not installed"))
                    return
                }
                _ = try await fixture.awaitCertificate(host)
                // The certificate is there a moment before its certbot has ended.
                try await eventually("the end of the credentials") {
                    let files = [fixture.certificates, fixture.state].flatMap(Disk.all)
                    return !files.contains { Disk.text($0)?.contains(secret) == true }
                }
            }
        }

        @Test(arguments: CertbotGeneration.allCases)
        func `certbot's Cloudflare plugin publishes what the authority validates`(certbot: CertbotGeneration)
            async throws
        {
            guard certbot.isInstalled else { try skip(certbot.reasonToSkip) }
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                try await fixture.launch([
                    "CERTBOT_PROGRAM": certbot.program, "CERTBOT_AUTHENTICATOR": "dns-cloudflare",
                    "DNS_PROPAGATION_SECONDS": "2",
                ])
                _ = try await fixture.awaitCertificate(host)
                try await eventually("certbot's note of its plugin") {
                    Disk.text("\(fixture.certificates)/renewal/\(host).conf")?
                        .contains("authenticator = dns-cloudflare") == true
                }
                try await eventually("the end of the challenges") { try await fixture.leftovers().isEmpty }
            }
        }

        @Test func `the second of two Landfalls on one store waits, and uses what the first one got`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.emulators.set(CloudflareSettings(propagation: .seconds(8)))
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                try await fixture.launch()
                try await eventually("the challenge") {
                    try await fixture.record("_acme-challenge.\(host)", type: "TXT") != nil
                }
                let second = [
                    "LANDFALL_STATE_DIR": "\(fixture.folder)/second", "LANDFALL_INSTANCE": "second-\(fixture.token)",
                    "LANDFALL_LOG_LEVEL": "info",
                ]
                let result = try await fixture.command("once", changes: second)
                #expect(result.end == .exited(0), "\(result.outputText)")
                #expect(result.outputText.contains("certificate issued"), "\(result.outputText)")
                let archive = Disk.names(in: "\(fixture.certificates)/archive/\(host)")
                #expect(archive.count { $0.hasPrefix("cert") } == 1)
            }
        }
    }
}

extension SandboxFixture {
    /// Runs certbot as its owner or a timer does, without Landfall; again where the authority rejected a nonce, as it does on
    /// purpose now and then: certbot gives up at the first.
    fileprivate func plain(_ certbot: CertbotGeneration, _ arguments: String...) async throws -> ProcessResult {
        let authorities = ["PATH": "/usr/bin:/bin", "REQUESTS_CA_BUNDLE": access.variables["LANDFALL_CA_FILE"] ?? ""]
        let server = ["--server", access.variables["CERTBOT_SERVER"] ?? ""]
        let options = ["--config-dir", certificates, "--work-dir", "\(folder)/work", "--logs-dir", "\(folder)/logs"]
        // Only `renew` waits a while before it begins.
        let renewal = arguments.first == "renew" ? ["--no-random-sleep-on-renew"] + server : []
        let request = ProcessRequest(
            [certbot.program] + arguments + ["--non-interactive"] + renewal + options,
            environment: authorities,
            timeLimit: .seconds(60).scaledToLoad
        )
        var result: ProcessResult
        repeat {
            result = try await SpawnRunner().run(request, for: .run)
        } while result.end == .exited(1) && result.errorText.contains("error:badNonce")
        return result
    }

    /// Challenges that still stand somewhere.
    fileprivate func leftovers() async throws -> [String] {
        var names: [String] = []
        for zone in Self.zones {
            names += try await emulators.records(in: zone).filter { $0.type == "TXT" && $0.content.count >= 43 }.map(
                \.name
            )
        }
        // Of the delegated one only the alias itself.
        let updated = try await challenges(of: "web-\(token).dynamic.test")
        return names + updated
    }

    /// Changes the zone that is changed by dynamic updates, as its owner does.
    fileprivate func update(_ change: String) async throws {
        let variables = access.variables
        let key = "hmac-sha256:landfall:\(variables["RFC2136_KEY_SECRET"] ?? "")"
        let commands = "server \(variables["RFC2136_SERVER"] ?? "")\nzone dynamic.test\nupdate \(change)\nsend\n"
        let request = ProcessRequest(
            ["nsupdate", "-y", key],
            environment: ["PATH": "/usr/bin:/bin"],
            input: Array(commands.utf8),
            timeLimit: .seconds(10)
        )
        let result = try await SpawnRunner().run(request, for: .run)
        #expect(result.end == .exited(0), "\(result.errorText)")
    }
}
