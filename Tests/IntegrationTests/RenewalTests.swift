import Certificates
import Crypto
import Model
import Sandbox
import Testing

extension IntegrationTests {
    /// Certificates that live for a minute.
    @Suite struct RenewalTests {
        @Test func `a shared certificate grows at once, and loses a name when it is renewed`() async throws {
            var options = SandboxOptions()
            options.certificateValidity = .seconds(60)
            try await SandboxAccess.own(options) { world in
                try await SandboxFixture.play(in: world) { scene in
                    let proxy = try await scene.createListener()
                    let (first, second, third) = (scene.host("a"), scene.host("b"), scene.host("c"))
                    let labels = ["landfall.host": "\(first),\(second)", "landfall.certificate": "shared"]
                    let service = try await scene.createService("web", labels)
                    try await scene.start(["LANDFALL_INTERVAL": "10s"])
                    #expect(try await scene.awaitCertificate(service).names.map(\.text) == [first, second])

                    try await scene.updateLabel("landfall.host", to: "\(first),\(second),\(third)", of: service)
                    try await until("the third name") { scene.certificate(service)?.names.count == 3 }
                    try await scene.settle()

                    let grown = scene.certificate(service)
                    try await scene.updateLabel("landfall.host", to: "\(first),\(third)", of: service)
                    try await scene.runOnce()
                    #expect(scene.certificate(service) == grown)
                    let before = proxy.signals
                    try await until("the renewal", limit: .seconds(60)) { scene.certificate(service) != grown }
                    #expect(scene.certificate(service)?.names.map(\.text) == [first, third])
                    try await until("its signal") { proxy.signals > before }
                }
            }
        }
    }
}
