import Certificates
import Crypto
import Emulators
import Model
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct ServiceTests {
        @Test func `a new service gets its record, its certificate, one signal and one message`() async throws {
            try await SandboxFixture.use { fixture in
                let proxy = try await fixture.createReceiver()
                try await fixture.start()
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host], replicas: 1)

                let certificate = try await fixture.awaitCertificate(host)
                #expect(certificate.names.map(\.text) == [host])
                let message = try await fixture.awaitMessage(about: host)
                #expect(message.contains("certificate"))
                try await fixture.awaitAddress(of: host)
                try await eventually("the signal") { proxy.signals > 0 }

                try await fixture.runOnce()
                #expect(proxy.signals == 1)
                #expect(try await fixture.messages(about: host).count == 1)
                #expect(fixture.certificate(host) == certificate)
                try await eventually("the end of the challenge") { try await fixture.challenges(of: host).isEmpty }
            }
        }

        @Test func `another name in the label is served, and the old one stays as it is`() async throws {
            try await SandboxFixture.use { fixture in
                let (old, new) = (fixture.host("old"), fixture.host("new"))
                let service = try await fixture.createService("web", ["landfall.host": old])
                try await fixture.start()
                let first = try await fixture.awaitCertificate(old)

                try await fixture.updateLabel("landfall.host", to: new, of: service)
                let second = try await fixture.awaitCertificate(new)
                #expect(second.names.map(\.text) == [new])
                try await fixture.awaitMessage(about: new)
                try await fixture.awaitAddress(of: new)
                try await fixture.awaitAddress(of: old)
                #expect(fixture.certificate(old) == first)
            }
        }

        @Test func `a second name beside the first is served without touching the first`() async throws {
            try await SandboxFixture.use { fixture in
                let (first, second) = (fixture.host("first"), fixture.host("second"))
                let service = try await fixture.createService("web", ["landfall.host": first])
                try await fixture.start()
                let certificate = try await fixture.awaitCertificate(first)
                let record = try #require(try await fixture.record(first))

                try await fixture.updateLabel("landfall.host", to: "\(first), \(second)", of: service)
                _ = try await fixture.awaitCertificate(second)
                try await fixture.awaitMessage(about: second)
                try await fixture.awaitAddress(of: second)
                #expect(fixture.certificate(first) == certificate)
                #expect(try await fixture.record(first) == record)
            }
        }

        @Test func `what a removed service had stays`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                let service = try await fixture.createService("web", ["landfall.host": host])
                try await fixture.start()
                let certificate = try await fixture.awaitCertificate(host)
                try await fixture.runOnce()
                try await fixture.emulators.clearRequests(of: .cloudflare)

                try await fixture.removeService(service)
                try await fixture.runOnce()
                try await fixture.awaitAddress(of: host)
                #expect(fixture.certificate(host) == certificate)
                #expect(try await fixture.writes().isEmpty)
            }
        }
    }
}
