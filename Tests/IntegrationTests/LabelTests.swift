import Emulators
import Ports
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct LabelTests {
        /// With a word of each refusal.
        private static let hostile = [
            "--config=x": "", "a b": "", "../../x": "", "$(id)": "", "me@example.test": "e-mail",
            "https://x.example.test/": "URL",
        ]

        @Test func `hostile names are refused by name and reach nothing, while the good one is served`() async throws {
            try await SandboxFixture.use { fixture in
                let (good, outside) = (fixture.host("good"), "www-\(fixture.token).example.org")
                let names = [good, outside] + Self.hostile.keys.sorted()
                // Long enough to see certbot at work.
                try await fixture.emulators.set(CloudflareSettings(propagation: .seconds(2)))
                let service = try await fixture.createService("web", ["landfall.host": names.joined(separator: ",")])
                // With a default domain the one outside would be placed below it.
                _ = try await fixture.launch(["DEFAULT_DOMAIN": ""])
                try await eventually("the challenge") {
                    try await fixture.record("_acme-challenge.\(good)", type: "TXT") != nil
                }
                let arguments = RunningProcess.mentioning(fixture.folder).flatMap(\.arguments)
                #expect(arguments.contains(good))

                _ = try await fixture.awaitCertificate(good)
                let message = try await fixture.awaitMessage(about: service)
                for (name, word) in Self.hostile {
                    let line = message.split(separator: "\n").first { $0.contains("`\(name)`") }
                    #expect(line?.contains(service) == true, "\(name)")
                    #expect(line?.contains("landfall.host") == true && line?.contains(word) == true, "\(name)")
                }
                #expect(message.contains("\(outside)") && message.contains("example.net"))

                let requests = try await fixture.emulators.requests(of: .cloudflare)
                let paths = Disk.all(below: fixture.folder)
                for name in Self.hostile.keys + [outside] {
                    #expect(!arguments.contains { $0.contains(name) }, "\(name)")
                    #expect(!requests.contains { $0.mentions(name) }, "\(name)")
                    #expect(!paths.contains { $0.contains(name) }, "\(name)")
                }
            }
        }

        @Test func `a label in the wrong place yields a hint`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.createService("web", ["landfall.signal": "HUP"])
                try await fixture.start()
                let result = try await fixture.command("once")
                #expect(
                    result.outputText.contains("web-\(fixture.token)") && result.outputText.contains("landfall.signal")
                )
            }
        }
    }
}

extension LoggedRequest {
    fileprivate func mentions(_ text: String) -> Bool {
        ([path, body] + query.keys + query.values).contains { $0.contains(text) }
    }
}
