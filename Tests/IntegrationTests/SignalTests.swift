import Emulators
import Ports
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct SignalTests {
        @Test func `a burst of services is one run, and one signal`() async throws {
            try await SandboxFixture.use { fixture in
                let proxy = try await fixture.createReceiver()
                try await fixture.start(["LANDFALL_QUIET": "2s"])
                try await fixture.emulators.clearRequests(of: .address)
                let hosts = ["a", "b", "c"].map { fixture.host($0) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (label, host) in zip(["a", "b", "c"], hosts) {
                        group.addTask { try await fixture.createService(label, ["landfall.host": host]) }
                    }
                    try await group.waitForAll()
                }
                for host in hosts { try await fixture.awaitMessage(about: host) }
                for host in hosts { #expect(fixture.certificate(host) != nil) }
                // The first run that has hosts asks two services for the address, a later one only the first.
                #expect(try await fixture.emulators.requests(of: .address).count <= 3)
                try await eventually("the signal") { proxy.signals > 0 }
                try await fixture.runOnce()
                #expect(proxy.signals == 1)
            }
        }

        @Test func `with its state lost, Landfall takes what is on disk as known to everybody`() async throws {
            try await SandboxFixture.use { fixture in
                let hosts = [fixture.host("a"), fixture.host("b")]
                try await fixture.createService("web", ["landfall.host": hosts.joined(separator: ",")])
                #expect(try await fixture.command("once").end == .exited(0))
                let certificates = hosts.map { fixture.certificate($0) }
                #expect(certificates.allSatisfy { $0 != nil })
                Disk.remove(fixture.state)
                try await fixture.calmMessages()

                let proxy = try await fixture.createReceiver()
                try await fixture.start()
                for _ in 0..<2 { try await fixture.runOnce() }
                #expect(proxy.signals == 0)
                let told = try await fixture.messages()
                #expect(told.count == 1)
                #expect(told.first?.contains("2 hosts") == true)
                #expect(hosts.map { fixture.certificate($0) } == certificates)
                #expect(try await fixture.writes().isEmpty)
            }
        }
    }
}

extension SandboxFixture {
    fileprivate func calmMessages() async throws {
        try await emulators.clearSlackMessages()
        try await emulators.clearRequests(of: .cloudflare)
    }
}
