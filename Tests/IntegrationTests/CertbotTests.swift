import Certificates
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
            guard certbot.isInstalled else { try Test.cancel(Comment(rawValue: certbot.reasonToSkip)) }
            try await SandboxFixture.play { scene in
                let plain = scene.host("web")
                let (updated, delegated) = ("web-\(scene.token).dynamic.test", "far-\(scene.token).dynamic.test")
                let alias = "_acme-challenge.\(delegated)"
                try await scene.update("add \(alias) 60 CNAME far-\(scene.token).example.net.")
                let names = [plain, "bücher-\(scene.token).example.test", updated, delegated]
                try await scene.createService("web", ["landfall.host": names.joined(separator: ",")])
                // Debian's pebble dies of a name that is shorter than one it forbids and ends the same.
                let wild = ["landfall.host": "wild-\(scene.token).example.net", "landfall.certificate": "wildcard"]
                try await scene.createService("wild", wild)
                let landfall = try await scene.launch(["CERTBOT_PROGRAM": certbot.program])
                for lineage in try names.map({ try DomainName($0).text }) + ["wildcard.example.net"] {
                    _ = try await scene.awaitCertificate(lineage)
                }
                try await until("the end of the challenges") { try await scene.leftovers().isEmpty }

                // Debian's timer runs this twice a day.
                let first = [scene.certificate(plain), scene.certificate(delegated)]
                let timer = try await scene.plain(certbot, "renew")
                #expect(timer.end == .exited(0), "\(timer.errorText)")
                // Forced by hand it cannot answer the challenge, says so, and leaves everything as it is.
                let forced = try await scene.plain(certbot, "renew", "--force-renewal", "--cert-name", plain)
                let output = forced.outputText + forced.errorText
                #expect(forced.end == .exited(1))
                #expect(output.contains("only a certbot that Landfall started may call this hook"), "\(output)")
                #expect(first == [scene.certificate(plain), scene.certificate(delegated)])
                #expect(try await scene.leftovers().isEmpty)

                // Nothing in the state directory is needed to go on with certbot alone.
                await landfall.dismiss()
                Disk.remove(scene.state)
                let listed = try await scene.plain(certbot, "certificates").outputText
                #expect(!listed.contains("INVALID") && !listed.contains(scene.state), "\(listed)")
                #expect(listed.contains("\(scene.certificates)/live/wildcard.example.net/fullchain.pem"))
                try await scene.update("delete \(alias) CNAME")
            }
        }

        @Test(arguments: CertbotGeneration.mostly(.new))
        func `a plugin of certbot's publishes in its own way, with credentials that do not stay`(
            certbot: CertbotGeneration
        ) async throws {
            guard certbot.isInstalled else { try Test.cancel(Comment(rawValue: certbot.reasonToSkip)) }
            try await SandboxFixture.play { scene in
                let host = "web-\(scene.token).dynamic.test"
                try await scene.createService("web", ["landfall.host": host])
                let secret = try #require(scene.world.variables["RFC2136_KEY_SECRET"])
                let server = try #require(scene.world.variables["RFC2136_SERVER"])
                let credentials = """
                    dns_rfc2136_server = \(server)
                    dns_rfc2136_name = landfall
                    dns_rfc2136_secret = \(secret)
                    dns_rfc2136_algorithm = HMAC-SHA256
                    """
                try await scene.launch([
                    "CERTBOT_PROGRAM": certbot.program, "CERTBOT_AUTHENTICATOR": "dns-rfc2136",
                    "CERTBOT_CREDENTIALS": credentials, "DNS_PROPAGATION_SECONDS": "1",
                ])
                // Debian's certbot comes without it.
                guard certbot == .new else {
                    let message = try await scene.awaitMessage(about: host)
                    #expect(message.contains("certbot's plugin dns-rfc2136 is not installed"))
                    return
                }
                _ = try await scene.awaitCertificate(host)
                // The certificate is there a moment before its certbot has ended.
                try await until("the end of the credentials") {
                    let files = [scene.certificates, scene.state].flatMap(Disk.all)
                    return !files.contains { Disk.text($0)?.contains(secret) == true }
                }
            }
        }

        @Test func `the second of two Landfalls on one store waits, and uses what the first one got`() async throws {
            try await SandboxFixture.play { scene in
                try await scene.emulators.set(CloudflareSettings(propagation: .seconds(8)))
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host])
                try await scene.launch()
                try await until("the challenge") {
                    try await scene.record("_acme-challenge.\(host)", type: "TXT") != nil
                }
                let second = [
                    "LANDFALL_STATE_DIR": "\(scene.folder)/second", "LANDFALL_INSTANCE": "second-\(scene.token)",
                    "LANDFALL_LOG_LEVEL": "info",
                ]
                let result = try await scene.command("once", changes: second)
                #expect(result.end == .exited(0), "\(result.outputText)")
                #expect(result.outputText.contains("certificate issued"), "\(result.outputText)")
                let archive = Disk.names(in: "\(scene.certificates)/archive/\(host)")
                #expect(archive.count { $0.hasPrefix("cert") } == 1)
            }
        }
    }
}

extension SandboxFixture {
    /// Runs certbot as its owner or a timer does, without Landfall; again where the authority rejected a nonce, as it does on
    /// purpose now and then: certbot gives up at the first.
    fileprivate func plain(_ certbot: CertbotGeneration, _ arguments: String...) async throws -> ProcessResult {
        let authorities = ["PATH": "/usr/bin:/bin", "REQUESTS_CA_BUNDLE": world.variables["LANDFALL_CA_FILE"] ?? ""]
        let server = ["--server", world.variables["CERTBOT_SERVER"] ?? ""]
        let options = ["--config-dir", certificates, "--work-dir", "\(folder)/work", "--logs-dir", "\(folder)/logs"]
        // Only `renew` waits a while before it begins.
        let renewal = arguments.first == "renew" ? ["--no-random-sleep-on-renew"] + server : []
        let request = ProcessRequest(
            [certbot.program] + arguments + ["--non-interactive"] + renewal + options,
            environment: authorities,
            timeLimit: .seconds(60)
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
        let variables = world.variables
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
