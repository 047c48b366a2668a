import Emulators
import FoundationEssentials
import Glibc
import Ports
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct SecretTests {
        @Test func `no secret is where somebody could read it, whatever fails`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": "\(host),\(fixture.host("bad"))"])
                try await fixture.createForeignService()
                let secrets = try fixture.secrets()
                let challenge = Fault.Effect.error(status: 400, code: 1004, message: "DNS Validation Error")
                try await fixture.emulators.add(
                    Fault(challenge, method: "POST", host: "_acme-challenge.\(fixture.host("bad"))"),
                    to: .cloudflare
                )
                for name in [EmulatorName.address, .slack, .webhook] {
                    try await fixture.emulators.add(Fault(.html(status: 500)), to: name)
                }
                try await fixture.emulators.set(CloudflareSettings(propagation: .seconds(1)))
                let right = secrets.filter { ["LANDFALL_WEBHOOK_URL", "LANDFALL_RECORD"].contains($0.key) }
                let landfall = try await fixture.launch(right.merging(["LANDFALL_LOG_LEVEL": "debug"]) { $1 })
                try await eventually("the challenge") {
                    try await fixture.record("_acme-challenge.\(host)", type: "TXT") != nil
                }
                let atWork = RunningProcess.mentioning(fixture.folder)
                _ = try await fixture.awaitCertificate(host)
                try await fixture.runOnce()
                try await fixture.keepAnswers("right")
                await landfall.dismiss()

                // Again with credentials that everybody refuses, given in both ways.
                let wrong = try await fixture.launch(secrets.merging(["LANDFALL_LOG_LEVEL": "debug"]) { $1 })
                // Before that, `landfall once` would run by itself.
                try await eventually("its start") { fixture.logLines("started").count == 2 }
                try await fixture.runOnce()
                try await fixture.keepAnswers("wrong")
                await wrong.dismiss()
                for command in ["once", "plan", "check", "status"] {
                    let result = try await fixture.command(command, changes: secrets)
                    try Disk.write(result.outputText + result.errorText, to: "\(fixture.folder)/said-by-\(command)")
                }

                try fixture.expectNoSecret(among: secrets, atWork)
            }
        }
    }
}

extension SandboxFixture {
    private static let known = ["CLOUDFLARE_API_TOKEN", "SLACK_TOKEN"]

    /// Variables that hold what nobody may see, or the path of a file that does.
    fileprivate func secrets() throws -> [String: String] {
        try Disk.write("xoxb-wrong-\(token)", to: "\(folder)/slack-token", mode: 0o600)
        let webhook = try #require(access.variables["SLACK_API_URL"]).replacing("/api", with: "/hidden-\(token)")
        return [
            "CLOUDFLARE_API_TOKEN": "wrong-\(token)", "SLACK_TOKEN": "", "SLACK_TOKEN_FILE": "\(folder)/slack-token",
            "LANDFALL_WEBHOOK_URL": webhook, "LANDFALL_RECORD": recordings,
            "LANDFALL_HEARTBEAT_URL": webhook + "-beat", "LANDFALL_WEBHOOK_SECRET": "signing-\(token)",
            // Of no use here: what is asked is on loopback.
            "https_proxy": "http://somebody:proxy-\(token)@127.0.0.1:9", "no_proxy": "127.0.0.0/8,localhost",
        ]
    }

    /// What the status page's server tells, where all is looked through in the end.
    fileprivate func keepAnswers(_ name: String) async throws {
        for (number, path) in ["/", "/api/status", "/api/runs", "/metrics"].enumerated() {
            try Disk.write(try await ask(path).text, to: "\(folder)/answer-\(name)-\(number)")
        }
    }

    fileprivate var recordings: String { "\(folder)/recordings" }

    /// Somebody else's, with secrets of its own wherever the engine tells them.
    fileprivate func createForeignService() async throws {
        try await createService(
            "db",
            ["landfall.host": host("db"), "landfall.certificate": "none", "vault.key": "label-\(token)"],
            options: [
                "--env", "DB_PASSWORD=password-\(token)", "--container-label", "vault.key=label-\(token)",
                "--mount", "type=bind,source=\(folder),target=/mount-\(token)",
            ],
            command: ["sleep", "86400", "argument-\(token)"]
        )
    }

    /// Not in a recording, though elsewhere with good reason.
    fileprivate func expectNothingForeign(in recordings: [String]) throws {
        let files = Disk.all(below: certificates)
        let pem = try #require(files.first { $0.hasSuffix("privkey1.pem") }.flatMap(Disk.text))
        let account = try #require(files.first { $0.hasSuffix("private_key.json") }.flatMap(Disk.bytes))
        let numbers = try JSONDecoder().decode([String: String].self, from: Data(account))
        // Of a JSON Web Key, `n` and `e` are public (RFC 7518 §6.3.1), and the kind is no number.
        let secret = numbers.filter { !["n", "e", "kty"].contains($0.key) }.map(\.value)
        // The rest is the public key (RFC 5915 §3), which the certificate shows to everybody.
        let lines = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.prefix(2).map(String.init)
        let hidden = ["password", "label", "mount", "argument"].map { "\($0)-\(token)" } + secret + lines
        #expect(secret.count >= 6 && lines.count == 2)
        for file in recordings {
            let text = try #require(Disk.text(file))
            #expect(text.contains("db-\(token)") && text.contains("redacted-CLOUDFLARE_API_TOKEN"))
            for word in hidden { #expect(!text.contains(word), "\(word)") }
        }
    }

    fileprivate func expectNoSecret(among secrets: [String: String], _ atWork: [RunningProcess]) throws {
        let hidden =
            ["wrong-\(token)", "hidden-\(token)", "signing-\(token)"] + Self.known.compactMap { access.variables[$0] }
        #expect(hidden.count == 5)
        // The daemon, certbot, and the hook that certbot called.
        #expect(atWork.count >= 3)
        for process in atWork {
            #expect(!process.arguments.contains { argument in hidden.contains { argument.contains($0) } })
            #expect(
                process.arguments.contains("run") || !hidden.contains { process.environment.contains($0) },
                "\(process.arguments)"
            )
        }
        let files = Disk.all(below: folder).filter { !$0.hasSuffix("/slack-token") }
        #expect(files.contains { $0.hasSuffix("landfall.log") } && files.contains { $0.hasSuffix("letsencrypt.log") })
        for file in files {
            let text = try #require(Disk.text(file))
            // certbot has to be told of the proxy, and nobody else is.
            #expect(!text.contains("proxy-\(token)"), "\(file)")
            #expect(!hidden.contains { text.contains($0) }, "\(file)")
        }
        let recorded = Disk.all(below: recordings)
        #expect(recorded.count == 2)
        try expectNothingForeign(in: recorded)
    }
}
