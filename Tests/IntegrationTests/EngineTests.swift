import Certificates
import Crypto
import Model
import Ports
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct EngineTests {
        @Test func `on a plain engine containers ask for themselves, and are signalled`() async throws {
            var options = SandboxOptions()
            options.isSwarm = false
            try await SandboxAccess.useOwn(options) { access in
                try await SandboxFixture.use(in: access) { fixture in
                    let proxy = try await fixture.runReceiver()
                    let lasting = try await fixture.runReceiver("lasting", ["--restart", "always"])
                    let fragile = try await fixture.runContainer("fragile", ["landfall.signal": "HUP"], ["--init"])
                    try await fixture.start()
                    let host = fixture.host("web")
                    let container = try await fixture.runContainer("web", ["landfall.host": host])

                    #expect(try await fixture.awaitCertificate(host).names.map(\.text) == [host])
                    try await fixture.awaitMessage(about: host)
                    try await fixture.awaitAddress(of: host)
                    try await eventually("the signal") { proxy.signals > 0 }
                    try await fixture.awaitMessage(about: "\(fragile) ended at HUP (129)")

                    try await fixture.docker("rm", "--force", container)
                    try await fixture.runOnce()
                    #expect(proxy.signals == 1)
                    try await fixture.awaitAddress(of: host)

                    // An engine that was told to `kill` it would leave it ended.
                    #expect(lasting.signals == 1)
                    // The shell ends with the container.
                    _ = try? await fixture.docker("exec", lasting.service, "kill", "-s", "TERM", "1")
                    try await eventually("its next start") {
                        try await fixture.docker("inspect", "--format", "{{.RestartCount}}", lasting.service).contains(
                            "1"
                        )
                    }
                }
            }
        }

        @Test func `an engine that goes away is told of once, and followed again when it is back`() async throws {
            try await SandboxFixture.use { fixture in
                let relay = try Relay(to: fixture.access.sandbox.folder.engineSocket)
                let landfall = try await fixture.start([
                    "DOCKER_HOST": "unix://\(relay.socketPath)", "LANDFALL_CERTIFICATES": "off",
                ])
                relay.cut()
                for _ in 0..<3 { #expect(try await fixture.command("once").end == .exited(1)) }
                let late = fixture.host("late")
                try await fixture.createService("late", ["landfall.host": late])

                try relay.mend()
                try await fixture.awaitMessage(about: late)
                let next = fixture.host("next")
                try await fixture.createService("next", ["landfall.host": next])
                try await fixture.awaitMessage(about: next)
                #expect(landfall.isRunning)
                #expect(try await fixture.messages(about: "✗").count == 1)
                #expect(try await fixture.messages(about: "start Docker").count == 1)
                #expect(try await fixture.messages(about: "✓").count == 1)
            }
        }
    }
}
