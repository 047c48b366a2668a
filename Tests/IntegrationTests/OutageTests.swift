import Emulators
import Ports
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct OutageTests {
        @Test func `a wrong token writes nothing and is told once; the right one repairs`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                let landfall = try await fixture.start(["CLOUDFLARE_API_TOKEN": "not-the-token"])
                for _ in 0..<2 { try await fixture.runOnce() }
                let told = try await fixture.messages()
                #expect(told.count == 1)
                #expect(told.first?.contains("Cloudflare") == true)
                #expect(try await fixture.writes().isEmpty)
                #expect(fixture.certificate(host) == nil)

                await landfall.dismiss()
                try await fixture.start()
                #expect(fixture.certificate(host) != nil)
                try await fixture.awaitAddress(of: host)
                #expect(try await fixture.messages(about: "✓").count == 1)
            }
        }

        /// The last one, silence, has to be waited out, and more than once.
        private static let outages =
            [
                .html(status: 503), .captivePortal,
                .error(status: 429, code: 971, message: "Please wait and consider throttling your request speed"),
            ] + (TestScale.isFull ? [Fault.Effect.hang] : [])

        @Test(arguments: outages)
        func `Cloudflare's outage is told of each host, and repaired by the next run`(_ outage: Fault.Effect)
            async throws
        {
            try await SandboxFixture.use { fixture in
                try await fixture.start()
                try await fixture.emulators.add(Fault(outage), to: .cloudflare)
                let hosts = [fixture.host("a"), fixture.host("b")]
                try await fixture.createService("web", ["landfall.host": hosts.joined(separator: ",")])
                let result = try await fixture.command("once")
                #expect(result.end == .exited(1))
                for host in hosts {
                    let line = result.outputText.split(separator: "\n").first { $0.contains(host) }
                    #expect(line?.contains("record failed") == true && line?.contains("certificate failed") == true)
                }
                #expect(try await fixture.messages(about: "✗").count == 1)

                try await fixture.emulators.clearFaults(of: .cloudflare)
                #expect(try await fixture.command("once").end == .exited(0))
                for host in hosts {
                    #expect(fixture.certificate(host) != nil)
                    try await fixture.awaitAddress(of: host)
                }
                #expect(try await fixture.messages(about: "✓").count == 1)
            }
        }

        @Test func `a record whose answer was lost is found, not made again`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.emulators.add(Fault(.lostAnswer, method: "POST", times: 1), to: .cloudflare)
                try await fixture.createService("web", ["landfall.host": host])
                try await fixture.start(["LANDFALL_CERTIFICATES": "off"])
                #expect(try await fixture.command("once").end == .exited(0))
                #expect(try await fixture.emulators.records(in: SandboxFixture.zone).count == 1)
                #expect(try await fixture.writes().count == 1)
            }
        }

        @Test func `a provider that takes its time is waited for`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.emulators.set(
                    CloudflareSettings(latency: .milliseconds(700), propagation: .seconds(2))
                )
                try await fixture.createService("web", ["landfall.host": host])
                try await fixture.start()
                #expect(fixture.certificate(host) != nil)
                try await fixture.awaitAddress(of: host)
            }
        }

        @Test func `without the authority records are made all the same, and its return repairs`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                // Nobody listens there.
                let away = ["CERTBOT_SERVER": "https://127.0.0.1:9/dir"]
                let landfall = try await fixture.start(away)
                try await fixture.awaitAddress(of: host)
                #expect(fixture.certificate(host) == nil)
                try await fixture.runOnce()
                #expect(try await fixture.messages(about: "no new certificate").count == 1)

                await landfall.dismiss()
                try await fixture.start()
                #expect(fixture.certificate(host) != nil)
            }
        }

        @Test func `what Slack could not take is told when it is back`() async throws {
            try await SandboxFixture.use { fixture in
                let landfall = try await fixture.start()
                try await fixture.emulators.clearSlackMessages()
                try await fixture.emulators.add(Fault(.html(status: 502)), to: .slack)
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                _ = try await fixture.awaitCertificate(host)
                try await fixture.runOnce()
                #expect(try await fixture.messages().isEmpty)
                await landfall.dismiss()
                #expect(fixture.undelivered == 2)

                try await fixture.emulators.clearFaults(of: .slack)
                try await fixture.launch()
                try await fixture.awaitMessage(about: "started")
                let messages = try await fixture.messages()
                #expect(messages.count == 3)
                #expect(messages.first?.contains(host) == true)
                #expect(messages.dropFirst().first?.contains("stopped") == true)
            }
        }
    }
}
