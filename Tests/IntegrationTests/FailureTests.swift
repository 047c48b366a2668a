import Emulators
import Testing

extension IntegrationTests {
    @Suite struct FailureTests {
        @Test func `one name's failing challenge holds up neither the others nor their signal`() async throws {
            try await SandboxFixture.play { scene in
                let proxy = try await scene.createListener()
                try await scene.start()
                let (good, bad, other) = (scene.host("a"), scene.host("b"), scene.host("c"))
                let refusal = Fault.Effect.error(status: 400, code: 1004, message: "DNS Validation Error")
                try await scene.emulators.add(
                    Fault(refusal, method: "POST", host: "_acme-challenge.\(bad)"),
                    to: .cloudflare
                )
                try await scene.createService("web", ["landfall.host": "\(good),\(bad),\(other)"])

                for host in [good, other] { _ = try await scene.awaitCertificate(host) }
                let message = try await scene.awaitMessage(about: bad)
                #expect(message.contains("DNS Validation Error"))
                #expect(scene.certificate(bad) == nil)
                for host in [good, bad, other] { try await scene.awaitAddress(of: host) }
                try await until("the signal") { proxy.signals > 0 }
                try await scene.runOnce()
                #expect(proxy.signals == 1)
                #expect(try await scene.messages(about: bad).count == 1)
            }
        }
    }
}
