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

        @Test func `a service that ends at its signal loses one container, once`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.settle()
                let name = "fragile-\(fixture.token)"
                let ends = ["sh", "-c", "trap 'exit 129' HUP; while :; do sleep 86400 & wait $!; done"]
                let options = ["--replicas", "3", "--container-label", "landfall.signal=HUP", "--restart-delay", "0s"]
                try await fixture.create(name, options, ends)
                let filter = "label=com.docker.swarm.service.name=\(name)"
                func containers() async throws -> Set<Substring> {
                    Set(try await fixture.docker("ps", "--quiet", "--filter", filter).split(separator: "\n"))
                }
                let before = try await eventually("three containers") {
                    let found = try await containers()
                    return found.count == 3 ? found : nil
                }
                try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                let first = try await fixture.command("once")
                #expect(
                    first.outputText.contains("fragile-\(fixture.token).1: ended at HUP (129)"),
                    "\(first.outputText)"
                )
                let after = try await eventually("the replacement") {
                    let found = try await containers()
                    return found.count == 3 ? found : nil
                }
                #expect(after.subtracting(before).count == 1)
                // The replacement is younger than a minute.
                let second = try await fixture.command("once")
                #expect(second.outputText.contains("* \(name).1 ended at HUP (129)"), "\(second.outputText)")
                #expect(try await containers() == after)
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
