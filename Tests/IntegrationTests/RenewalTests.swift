import Certificates
import Crypto
import Glibc
import Model
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    /// Certificates that live for a minute.
    @Suite struct RenewalTests {
        /// Another generation of certbot takes over what the first one got.
        @Test(arguments: CertbotGeneration.mostly(.new))
        func `a shared certificate grows at once, and loses a name when it is renewed`(certbot: CertbotGeneration)
            async throws
        {
            guard certbot.isInstalled else { try skip(certbot.reasonToSkip) }
            var options = SandboxOptions()
            options.certificateValidity = .seconds(60)
            try await SandboxAccess.useOwn(options) { access in
                try await SandboxFixture.use(in: access) { fixture in
                    let proxy = try await fixture.createReceiver()
                    let (first, second, third) = (fixture.host("a"), fixture.host("b"), fixture.host("c"))
                    let labels = ["landfall.host": "\(first),\(second)", "landfall.certificate": "shared"]
                    let service = try await fixture.createService("web", labels)
                    let before = try await fixture.start(["CERTBOT_PROGRAM": certbot.other.program])
                    #expect(try await fixture.awaitCertificate(service).names.map(\.text) == [first, second])
                    before.signal(SIGTERM)
                    try await before.ended()
                    try await fixture.launch(["LANDFALL_INTERVAL": "10s", "CERTBOT_PROGRAM": certbot.program])

                    try await fixture.updateLabel("landfall.host", to: "\(first),\(second),\(third)", of: service)
                    try await eventually("the third name") { fixture.certificate(service)?.names.count == 3 }
                    try await fixture.settle()

                    let grown = fixture.certificate(service)
                    try await fixture.updateLabel("landfall.host", to: "\(first),\(third)", of: service)
                    try await fixture.runOnce()
                    #expect(fixture.certificate(service) == grown)
                    let signals = proxy.signals
                    try await eventually("the renewal", within: .seconds(60)) { fixture.certificate(service) != grown }
                    #expect(fixture.certificate(service)?.names.map(\.text) == [first, third])
                    try await eventually("its signal") { proxy.signals > signals }
                }
            }
        }
    }
}
