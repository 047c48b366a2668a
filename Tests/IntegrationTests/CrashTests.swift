import Emulators
import Glibc
import Ports
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct CrashTests {
        @Test func `a daemon killed while certbot runs leaves nothing that the next one does not finish`() async throws
        {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                let landfall = try await fixture.startAndWaitInTheMiddle(of: host)
                landfall.signal(SIGKILL)
                #expect(try await landfall.ended() == .signalled(SIGKILL))

                try await fixture.emulators.set(CloudflareSettings())
                try await fixture.start()
                #expect(fixture.certificate(host) != nil)
                #expect(try await fixture.record("_acme-challenge.\(host)", type: "TXT") == nil)
                #expect(RunningProcess.mentioning(fixture.folder).count == 1)
            }
        }

        @Test func `SIGTERM in the middle of a run ends everything, and the next one finishes`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                let landfall = try await fixture.startAndWaitInTheMiddle(of: host)
                landfall.signal(SIGTERM)
                #expect(try await landfall.ended(within: .seconds(8)) == .exited(0))
                #expect(RunningProcess.mentioning(fixture.folder).isEmpty)
                #expect(try await fixture.record("_acme-challenge.\(host)", type: "TXT") == nil)
                #expect(fixture.certificate(host) == nil)

                try await fixture.emulators.set(CloudflareSettings())
                try await fixture.start()
                #expect(fixture.certificate(host) != nil)
            }
        }

        @Test func `a damaged state store is set aside at the start, and the daemon works and says so`() async throws {
            try await SandboxFixture.use { fixture in
                try Disk.makeFolder(fixture.state)
                let damaged = String(repeating: "no database ", count: 500)
                try Disk.write(damaged, to: "\(fixture.state)/state.sqlite")
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                #expect(try await fixture.command("check").outputText.contains("the state store is damaged"))
                try await fixture.start(["LANDFALL_CERTIFICATES": "off"])
                try await fixture.awaitAddress(of: host)
                _ = try await fixture.awaitMessage(
                    about: "the state store was damaged (\(fixture.state)/state.sqlite: "
                )
                let aside = Disk.names(in: fixture.state).filter { $0.hasPrefix("state.sqlite.damaged-") }
                #expect(aside.compactMap { Disk.text("\(fixture.state)/\($0)") } == [damaged])
            }
        }

        @Test func `SIGHUP asks for a run at once`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                let service = try await fixture.createService("web", ["landfall.host": host])
                let landfall = try await fixture.start(["LANDFALL_CERTIFICATES": "off"])
                let new = "85.214.132.118"
                try await fixture.emulators.set(AddressSettings(ipv4: new))
                landfall.signal(SIGHUP)
                try await eventually("the change of \(service)'s record") {
                    try await fixture.record(host)?.content == new
                }
            }
        }
    }
}

extension SandboxFixture {
    /// Returns while a certbot waits for its challenge to show in DNS, which takes some seconds.
    fileprivate func startAndWaitInTheMiddle(of host: String) async throws -> LandfallProcess {
        try await emulators.set(CloudflareSettings(propagation: .seconds(6)))
        try await createService("web", ["landfall.host": host])
        let landfall = try await launch()
        try await eventually("the challenge") { try await record("_acme-challenge.\(host)", type: "TXT") != nil }
        return landfall
    }
}
