import Emulators
import Glibc
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct EconomyTests {
        @Test func `a service that flaps costs its owner no request; SIGHUP reads everything`() async throws {
            try await SandboxFixture.use { fixture in
                let relay = try Relay(to: fixture.access.sandbox.folder.engineSocket)
                let host = fixture.host("web")
                let service = try await fixture.createService("web", ["landfall.host": host])
                let landfall = try await fixture.start(["DOCKER_HOST": "unix://\(relay.socketPath)"])
                let certificate = try await fixture.awaitCertificate(host)
                try await fixture.runOnce()
                let told = try await fixture.messages()
                for name in EmulatorName.allCases { try await fixture.emulators.clearRequests(of: name) }

                for number in 1...(TestScale.isFull ? 100 : 8) {
                    let runs = relay.runs
                    try await fixture.updateLabel("flap", to: "\(number)", of: service)
                    try await eventually("a run for update \(number)") { relay.runs > runs }
                }
                for name in EmulatorName.allCases { #expect(try await fixture.emulators.requests(of: name).isEmpty) }
                #expect(fixture.certificate(host) == certificate)

                landfall.signal(SIGHUP)
                try await eventually("a look at the provider") {
                    try await !fixture.emulators.requests(of: .cloudflare).isEmpty
                }
                try await fixture.runOnce()
                #expect(try await fixture.messages() == told)
                #expect(try await fixture.writes().isEmpty)
            }
        }
    }
}

extension Relay {
    /// Every run lists the services, once.
    fileprivate var runs: Int { lines.all.count { $0.contains("/services") } }
}
