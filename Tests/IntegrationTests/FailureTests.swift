import Emulators
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct FailureTests {
        @Test func `one name's failing challenge holds up neither the others nor their signal`() async throws {
            try await SandboxFixture.use { fixture in
                let proxy = try await fixture.createReceiver()
                try await fixture.start()
                let (good, bad, other) = (fixture.host("a"), fixture.host("b"), fixture.host("c"))
                let refusal = Fault.Effect.error(status: 400, code: 1004, message: "DNS Validation Error")
                try await fixture.emulators.add(
                    Fault(refusal, method: "POST", host: "_acme-challenge.\(bad)"),
                    to: .cloudflare
                )
                try await fixture.createService("web", ["landfall.host": "\(good),\(bad),\(other)"])

                for host in [good, other] { _ = try await fixture.awaitCertificate(host) }
                let message = try await fixture.awaitMessage(about: bad)
                #expect(message.contains("DNS Validation Error"))
                #expect(fixture.certificate(bad) == nil)
                for host in [good, bad, other] { try await fixture.awaitAddress(of: host) }
                try await eventually("the signal") { proxy.signals > 0 }
                try await fixture.runOnce()
                #expect(proxy.signals == 1)
                #expect(try await fixture.messages(about: bad).count == 1)
            }
        }
    }
}
