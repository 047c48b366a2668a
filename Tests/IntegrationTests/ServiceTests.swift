import Certificates
import Crypto
import Emulators
import Model
import Testing

extension IntegrationTests {
    @Suite struct ServiceTests {
        @Test func `a new service gets its record, its certificate, one signal and one message`() async throws {
            try await SandboxFixture.play { scene in
                let proxy = try await scene.createListener()
                try await scene.start()
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host], replicas: 1)

                let certificate = try await scene.awaitCertificate(host)
                #expect(certificate.names.map(\.text) == [host])
                let message = try await scene.awaitMessage(about: host)
                #expect(message.contains("certificate"))
                try await scene.awaitAddress(of: host)
                try await until("the signal") { proxy.signals > 0 }

                try await scene.runOnce()
                #expect(proxy.signals == 1)
                #expect(try await scene.messages(about: host).count == 1)
                #expect(scene.certificate(host) == certificate)
                try await until("the end of the challenge") { try await scene.challenges(of: host).isEmpty }
            }
        }

        @Test func `another name in the label is served, and the old one stays as it is`() async throws {
            try await SandboxFixture.play { scene in
                let (old, new) = (scene.host("old"), scene.host("new"))
                let service = try await scene.createService("web", ["landfall.host": old])
                try await scene.start()
                let first = try await scene.awaitCertificate(old)

                try await scene.updateLabel("landfall.host", to: new, of: service)
                let second = try await scene.awaitCertificate(new)
                #expect(second.names.map(\.text) == [new])
                try await scene.awaitMessage(about: new)
                try await scene.awaitAddress(of: new)
                try await scene.awaitAddress(of: old)
                #expect(scene.certificate(old) == first)
            }
        }

        @Test func `a second name beside the first is served without touching the first`() async throws {
            try await SandboxFixture.play { scene in
                let (first, second) = (scene.host("first"), scene.host("second"))
                let service = try await scene.createService("web", ["landfall.host": first])
                try await scene.start()
                let certificate = try await scene.awaitCertificate(first)
                let record = try #require(try await scene.record(first))

                try await scene.updateLabel("landfall.host", to: "\(first), \(second)", of: service)
                _ = try await scene.awaitCertificate(second)
                try await scene.awaitMessage(about: second)
                try await scene.awaitAddress(of: second)
                #expect(scene.certificate(first) == certificate)
                #expect(try await scene.record(first) == record)
            }
        }

        @Test func `what a removed service had stays`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                let service = try await scene.createService("web", ["landfall.host": host])
                try await scene.start()
                let certificate = try await scene.awaitCertificate(host)
                try await scene.runOnce()
                try await scene.emulators.clearRequests(of: .cloudflare)

                try await scene.removeService(service)
                try await scene.runOnce()
                try await scene.awaitAddress(of: host)
                #expect(scene.certificate(host) == certificate)
                #expect(try await scene.writes().isEmpty)
            }
        }
    }
}
