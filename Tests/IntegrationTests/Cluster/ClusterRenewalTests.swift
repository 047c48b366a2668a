import Model
import Ports
import Sandbox
import Testing

extension ClusterTests {
    /// In a world of its own, whose certificates live a minute.
    @Test func `a renewal reaches every node within seconds, by signal and as a secret`() async throws {
        var options = ClusterWorld.options
        options.certificateValidity = .seconds(60)
        try await SandboxAccess.own(options) { world in
            try await SandboxFixture.play(in: world) { scene in
                let host = scene.host("web")
                let proxies = try await scene.createGlobalListener()
                try await scene.deploySecretStack(host, environment: "one")
                try await scene.launch(["LANDFALL_INTERVAL": "5s"])
                let first = try await scene.awaitCertificate(host)
                try await scene.awaitDelivery(of: host, to: proxies)

                try await until("the renewal", limit: .seconds(90)) { scene.certificate(host) != first }
                let renewed = try #require(Disk.modified("\(scene.certificates)/live/\(host)/fullchain.pem"))
                try await scene.awaitDelivery(of: host, to: proxies)
                let signalled = try #require(proxies.compactMap(\.lastReading).max())
                #expect(signalled - renewed <= .seconds(6))
                try await until("the end of the old versions") { try await scene.landfallSecrets() == 2 }
            }
        }
    }
}

extension SandboxFixture {
    /// Returns when every node has got what is on disk, and every listener was signalled after that came there.
    fileprivate func awaitDelivery(of host: String, to listeners: [Listener]) async throws {
        try await until("the signals on every node") {
            guard let changed = Disk.modified("\(certificates)/live/\(host)/fullchain.pem") else { return false }
            return listeners.allSatisfy { listener in
                listener.signals > 0 && listener.lastReading.map { $0 > changed } ?? false
            }
        }
        try await until("the files on every node") {
            secretFiles("tls.crt") == files("fullchain", host) && secretFiles("tls.key") == files("privkey", host)
        }
    }
}
