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
            try await SandboxAccess.own(options) { world in
                try await SandboxFixture.play(in: world) { scene in
                    let proxy = try await scene.runListener()
                    let lasting = try await scene.runListener("lasting", ["--restart", "always"])
                    try await scene.start()
                    let host = scene.host("web")
                    let container = try await scene.runContainer("web", ["landfall.host": host])

                    #expect(try await scene.awaitCertificate(host).names.map(\.text) == [host])
                    try await scene.awaitMessage(about: host)
                    try await scene.awaitAddress(of: host)
                    try await until("the signal") { proxy.signals > 0 }

                    try await scene.docker("rm", "--force", container)
                    try await scene.runOnce()
                    #expect(proxy.signals == 1)
                    try await scene.awaitAddress(of: host)

                    // An engine that was told to `kill` it would leave it ended.
                    #expect(lasting.signals == 1)
                    // The shell ends with the container.
                    _ = try? await scene.docker("exec", lasting.service, "kill", "-s", "TERM", "1")
                    try await until("its next start") {
                        try await scene.docker("inspect", "--format", "{{.RestartCount}}", lasting.service).contains(
                            "1"
                        )
                    }
                }
            }
        }

        @Test func `an engine that goes away is told of once, and followed again when it is back`() async throws {
            try await SandboxFixture.play { scene in
                let relay = try Relay(to: scene.world.sandbox.folder.engineSocket)
                let landfall = try await scene.start([
                    "DOCKER_HOST": "unix://\(relay.socketPath)", "LANDFALL_CERTIFICATES": "off",
                ])
                relay.cut()
                for _ in 0..<3 { #expect(try await scene.command("once").end == .exited(1)) }
                let late = scene.host("late")
                try await scene.createService("late", ["landfall.host": late])

                try relay.mend()
                try await scene.awaitMessage(about: late)
                let next = scene.host("next")
                try await scene.createService("next", ["landfall.host": next])
                try await scene.awaitMessage(about: next)
                #expect(landfall.isRunning)
                #expect(try await scene.messages(about: "✗").count == 1)
                #expect(try await scene.messages(about: "start Docker").count == 1)
                #expect(try await scene.messages(about: "✓").count == 1)
            }
        }
    }
}
