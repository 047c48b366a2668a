import Emulators
import Glibc
import Ports
import Testing

extension IntegrationTests {
    @Suite struct CrashTests {
        @Test func `a daemon killed while certbot runs leaves nothing that the next one does not finish`() async throws
        {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                let landfall = try await scene.startAndWaitInTheMiddle(of: host)
                landfall.signal(SIGKILL)
                #expect(try await landfall.ended() == .signalled(SIGKILL))

                try await scene.emulators.set(CloudflareSettings())
                try await scene.start()
                #expect(scene.certificate(host) != nil)
                #expect(try await scene.record("_acme-challenge.\(host)", type: "TXT") == nil)
                #expect(RunningProcess.mentioning(scene.folder).count == 1)
            }
        }

        @Test func `SIGTERM in the middle of a run ends everything, and the next one finishes`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                let landfall = try await scene.startAndWaitInTheMiddle(of: host)
                landfall.signal(SIGTERM)
                #expect(try await landfall.ended(within: .seconds(8)) == .exited(0))
                #expect(RunningProcess.mentioning(scene.folder).isEmpty)
                #expect(try await scene.record("_acme-challenge.\(host)", type: "TXT") == nil)
                #expect(scene.certificate(host) == nil)

                try await scene.emulators.set(CloudflareSettings())
                try await scene.start()
                #expect(scene.certificate(host) != nil)
            }
        }

        @Test func `SIGHUP asks for a run at once`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                let service = try await scene.createService("web", ["landfall.host": host])
                let landfall = try await scene.start(["LANDFALL_CERTIFICATES": "off"])
                let new = "85.214.132.118"
                try await scene.emulators.set(AddressSettings(ipv4: new))
                landfall.signal(SIGHUP)
                try await until("the change of \(service)'s record") { try await scene.record(host)?.content == new }
            }
        }
    }
}

extension SandboxFixture {
    /// Returns while a certbot waits for its challenge to show in DNS, which takes some seconds.
    fileprivate func startAndWaitInTheMiddle(of host: String) async throws -> Landfall {
        try await emulators.set(CloudflareSettings(propagation: .seconds(6)))
        try await createService("web", ["landfall.host": host])
        let landfall = try await launch()
        try await until("the challenge") { try await record("_acme-challenge.\(host)", type: "TXT") != nil }
        return landfall
    }
}
