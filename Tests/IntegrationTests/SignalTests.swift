import Emulators
import Ports
import Testing

extension IntegrationTests {
    @Suite struct SignalTests {
        @Test func `a burst of services is one run, and one signal`() async throws {
            try await SandboxFixture.play { scene in
                let proxy = try await scene.createListener()
                try await scene.start(["LANDFALL_QUIET": "2s"])
                try await scene.emulators.clearRequests(of: .address)
                let hosts = ["a", "b", "c"].map { scene.host($0) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (label, host) in zip(["a", "b", "c"], hosts) {
                        group.addTask { try await scene.createService(label, ["landfall.host": host]) }
                    }
                    try await group.waitForAll()
                }
                for host in hosts { try await scene.awaitMessage(about: host) }
                for host in hosts { #expect(scene.certificate(host) != nil) }
                // The first run that has hosts asks two services for the address, a later one only the first.
                #expect(try await scene.emulators.requests(of: .address).count <= 3)
                try await until("the signal") { proxy.signals > 0 }
                try await scene.runOnce()
                #expect(proxy.signals == 1)
            }
        }

        @Test func `with its state lost, Landfall takes what is on disk as known to everybody`() async throws {
            try await SandboxFixture.play { scene in
                let hosts = [scene.host("a"), scene.host("b")]
                try await scene.createService("web", ["landfall.host": hosts.joined(separator: ",")])
                #expect(try await scene.command("once").end == .exited(0))
                let certificates = hosts.map { scene.certificate($0) }
                #expect(certificates.allSatisfy { $0 != nil })
                Disk.remove(scene.state)
                try await scene.calmMessages()

                let proxy = try await scene.createListener()
                try await scene.start()
                for _ in 0..<2 { try await scene.runOnce() }
                #expect(proxy.signals == 0)
                let told = try await scene.messages()
                #expect(told.count == 1)
                #expect(told.first?.contains("2 hosts") == true)
                #expect(hosts.map { scene.certificate($0) } == certificates)
                #expect(try await scene.writes().isEmpty)
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
