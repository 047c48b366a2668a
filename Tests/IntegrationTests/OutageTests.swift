import Emulators
import Ports
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct OutageTests {
        @Test func `a wrong token writes nothing and is told once; the right one repairs`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host])
                let landfall = try await scene.start(["CLOUDFLARE_API_TOKEN": "not-the-token"])
                for _ in 0..<2 { try await scene.runOnce() }
                let told = try await scene.messages()
                #expect(told.count == 1)
                #expect(told.first?.contains("Cloudflare") == true)
                #expect(try await scene.writes().isEmpty)
                #expect(scene.certificate(host) == nil)

                await landfall.dismiss()
                try await scene.start()
                #expect(scene.certificate(host) != nil)
                try await scene.awaitAddress(of: host)
                #expect(try await scene.messages(about: "✓").count == 1)
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
            try await SandboxFixture.play { scene in
                try await scene.start()
                try await scene.emulators.add(Fault(outage), to: .cloudflare)
                let hosts = [scene.host("a"), scene.host("b")]
                try await scene.createService("web", ["landfall.host": hosts.joined(separator: ",")])
                let result = try await scene.command("once")
                #expect(result.end == .exited(1))
                for host in hosts {
                    let line = result.outputText.split(separator: "\n").first { $0.contains(host) }
                    #expect(line?.contains("record failed") == true && line?.contains("certificate failed") == true)
                }
                #expect(try await scene.messages(about: "✗").count == 1)

                try await scene.emulators.clearFaults(of: .cloudflare)
                #expect(try await scene.command("once").end == .exited(0))
                for host in hosts {
                    #expect(scene.certificate(host) != nil)
                    try await scene.awaitAddress(of: host)
                }
                #expect(try await scene.messages(about: "✓").count == 1)
            }
        }

        @Test func `a record whose answer was lost is found, not made again`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                try await scene.emulators.add(Fault(.lostAnswer, method: "POST", times: 1), to: .cloudflare)
                try await scene.createService("web", ["landfall.host": host])
                try await scene.start(["LANDFALL_CERTIFICATES": "off"])
                #expect(try await scene.command("once").end == .exited(0))
                #expect(try await scene.emulators.records(in: SandboxFixture.zone).count == 1)
                #expect(try await scene.writes().count == 1)
            }
        }

        @Test func `a provider that takes its time is waited for`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                try await scene.emulators.set(CloudflareSettings(latency: .milliseconds(700), propagation: .seconds(2)))
                try await scene.createService("web", ["landfall.host": host])
                try await scene.start()
                #expect(scene.certificate(host) != nil)
                try await scene.awaitAddress(of: host)
            }
        }

        @Test func `without the authority records are made all the same, and its return repairs`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host])
                // Nobody listens there.
                let away = ["CERTBOT_SERVER": "https://127.0.0.1:9/dir"]
                let landfall = try await scene.start(away)
                try await scene.awaitAddress(of: host)
                #expect(scene.certificate(host) == nil)
                try await scene.runOnce()
                #expect(try await scene.messages(about: "no new certificate").count == 1)

                await landfall.dismiss()
                try await scene.start()
                #expect(scene.certificate(host) != nil)
            }
        }

        @Test func `what Slack could not take is told when it is back`() async throws {
            try await SandboxFixture.play { scene in
                let landfall = try await scene.start()
                try await scene.emulators.clearSlackMessages()
                try await scene.emulators.add(Fault(.html(status: 502)), to: .slack)
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host])
                _ = try await scene.awaitCertificate(host)
                try await scene.runOnce()
                #expect(try await scene.messages().isEmpty)
                await landfall.dismiss()
                #expect(scene.undelivered == 2)

                try await scene.emulators.clearFaults(of: .slack)
                try await scene.launch()
                try await scene.awaitMessage(about: "started")
                let messages = try await scene.messages()
                #expect(messages.count == 3)
                #expect(messages.first?.contains(host) == true)
                #expect(messages.dropFirst().first?.contains("stopped") == true)
            }
        }
    }
}
