import Emulators
import Glibc
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct EconomyTests {
        @Test func `a service that flaps costs its owner no request; SIGHUP reads everything`() async throws {
            try await SandboxFixture.play { scene in
                let relay = try Relay(to: scene.world.sandbox.folder.engineSocket)
                let host = scene.host("web")
                let service = try await scene.createService("web", ["landfall.host": host])
                let landfall = try await scene.start(["DOCKER_HOST": "unix://\(relay.socketPath)"])
                let certificate = try await scene.awaitCertificate(host)
                try await scene.runOnce()
                let told = try await scene.messages()
                for name in EmulatorName.allCases { try await scene.emulators.clearRequests(of: name) }

                for number in 1...(TestScale.isFull ? 100 : 8) {
                    let runs = relay.runs
                    try await scene.updateLabel("flap", to: "\(number)", of: service)
                    try await until("a run for update \(number)") { relay.runs > runs }
                }
                for name in EmulatorName.allCases { #expect(try await scene.emulators.requests(of: name).isEmpty) }
                #expect(scene.certificate(host) == certificate)

                landfall.signal(SIGHUP)
                try await until("a look at the provider") {
                    try await !scene.emulators.requests(of: .cloudflare).isEmpty
                }
                try await scene.runOnce()
                #expect(try await scene.messages() == told)
                #expect(try await scene.writes().isEmpty)
            }
        }
    }
}

extension Relay {
    /// Every run lists the services, once.
    fileprivate var runs: Int { lines.all.count { $0.contains("/services") } }
}
