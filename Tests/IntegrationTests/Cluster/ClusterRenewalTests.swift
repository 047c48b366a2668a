import Model
import Ports
import Sandbox
import TestSupport
import Testing

extension ClusterTests {
    /// In a world of its own, whose certificates live a minute.
    @Test func `a renewal reaches every node within seconds, by signal and as a secret`() async throws {
        var options = ClusterSandbox.options
        options.certificateValidity = .seconds(60)
        try await SandboxAccess.useOwn(options) { access in
            try await SandboxFixture.use(in: access) { fixture in
                let host = fixture.host("web")
                let proxies = try await fixture.createGlobalReceiver()
                try await fixture.deploySecretStack(host, environment: "one")
                try await fixture.launch(["LANDFALL_INTERVAL": "5s"])
                let first = try await fixture.awaitCertificate(host)
                try await fixture.awaitDelivery(of: host, to: proxies)

                try await eventually("the renewal", within: .seconds(90)) { fixture.certificate(host) != first }
                let renewed = try #require(Disk.modified("\(fixture.certificates)/live/\(host)/fullchain.pem"))
                try await fixture.awaitDelivery(of: host, to: proxies)
                let signalled = try #require(proxies.compactMap(\.lastReading).max())
                #expect(signalled - renewed <= Duration.seconds(6).scaledToLoad)
                try await eventually("the end of the old versions") { try await fixture.landfallSecrets() == 2 }
            }
        }
    }
}

extension SandboxFixture {
    /// Returns when every node has got what is on disk, and every receiver was signalled after that came there.
    fileprivate func awaitDelivery(of host: String, to receivers: [SignalReceiver]) async throws {
        try await eventually("the signals on every node") {
            guard let changed = Disk.modified("\(certificates)/live/\(host)/fullchain.pem") else { return false }
            return receivers.allSatisfy { receiver in
                receiver.signals > 0 && receiver.lastReading.map { $0 > changed } ?? false
            }
        }
        try await eventually("the files on every node") {
            secretFiles("tls.crt") == files("fullchain", host) && secretFiles("tls.key") == files("privkey", host)
        }
    }
}
