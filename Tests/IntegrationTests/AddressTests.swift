import Emulators
import HTTPServer
import Ports
import Testing

extension IntegrationTests {
    @Suite struct AddressTests {
        @Test func `a new address is followed on the timer, and what else a record says stays`() async throws {
            try await SandboxFixture.use { fixture in
                let (plain, proxied) = (fixture.host("plain"), fixture.host("proxied"))
                let old = AddressSettings().ipv4
                for draft in [
                    RecordDraft(name: plain, type: "A", content: old, ttl: 300, comment: "by hand"),
                    RecordDraft(name: proxied, type: "A", content: old, ttl: 1, proxied: true),
                ] { try await fixture.emulators.put(draft, in: SandboxFixture.zone) }
                try await fixture.createService("web", ["landfall.host": "\(plain),\(proxied)"])
                try await fixture.start(["LANDFALL_CERTIFICATES": "off", "LANDFALL_INTERVAL": "1s"])
                #expect(try await fixture.writes().isEmpty)

                let new = "85.214.132.118"
                try await fixture.emulators.set(AddressSettings(ipv4: new))
                let message = try await fixture.awaitMessage(about: new)
                #expect(message.contains("the public IPv4 address is now \(new) (was \(old)), say "))
                let (first, second) = try await (fixture.record(plain), fixture.record(proxied))
                #expect(first?.content == new && first?.ttl == 300 && first?.proxied == false)
                #expect(first?.comment?.contains("by hand") == true)
                #expect(second?.content == new && second?.proxied == true)
                try await fixture.awaitAddress(new, of: plain)
                #expect(try await fixture.emulators.records(in: SandboxFixture.zone).count == 2)
                try await fixture.runOnce()
                #expect(try await fixture.messages(about: new).count == 1)
            }
        }

        @Test func `a change is believed when a second operator tells it, across restarts`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                let settings = ["LANDFALL_CERTIFICATES": "off"]
                #expect(try await fixture.command("once", changes: settings).end == .exited(0))

                let (old, new) = (AddressSettings().ipv4, "85.214.132.118")
                try await fixture.emulators.add(Fault(.text(new), path: AddressEmulator.linePath), to: .address)
                try await fixture.emulators.add(Fault(.captivePortal, path: AddressEmulator.tracePath), to: .address)
                for _ in 0..<2 {
                    let result = try await fixture.command("once", changes: settings)
                    #expect(result.end == .exited(1))
                    #expect(try await fixture.record(host)?.content == old)
                }
                #expect(try await fixture.messages(about: "the last known one, \(old), is still used").count == 1)

                try await fixture.emulators.clearFaults(of: .address)
                try await fixture.emulators.set(AddressSettings(ipv4: new))
                #expect(try await fixture.command("once", changes: settings).end == .exited(0))
                #expect(try await fixture.record(host)?.content == new)
                #expect(try await fixture.messages(about: "is now \(new) (was \(old)), say ").count == 1)
            }
        }

        @Test func `with IPv6 each host has both addresses, and each follows its own`() async throws {
            try await SandboxFixture.use { fixture in
                let service = AddressEmulator()
                let servers = try (0..<2).map { _ in
                    try HTTPServer(listening: .tcp(address: "::1", port: 0), handler: service.handler)
                }
                defer { servers.forEach { $0.stop() } }
                let urls = servers.map { "http://[::1]:\($0.port)/v6/" }
                let settings = ["LANDFALL_CERTIFICATES": "off", "LANDFALL_IPV6": urls.joined(separator: ",")]
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                #expect(try await fixture.command("once", changes: settings).end == .exited(0))
                #expect(try await fixture.record(host)?.content == AddressSettings().ipv4)
                #expect(try await fixture.record(host, type: "AAAA")?.content == AddressSettings().ipv6)

                let new = "2a01:238:4000::118"
                service.settings = AddressSettings(ipv6: new)
                #expect(try await fixture.command("once", changes: settings).end == .exited(0))
                #expect(try await fixture.record(host, type: "AAAA")?.content == new)
                #expect(try await fixture.record(host)?.content == AddressSettings().ipv4)

                // A family that cannot be found any more, or that is wanted no longer, takes nothing away.
                service.faults.add(Fault(.captivePortal))
                #expect(try await fixture.command("once", changes: settings).end == .exited(1))
                #expect(try await fixture.command("once", changes: ["LANDFALL_CERTIFICATES": "off"]).end == .exited(0))
                #expect(try await fixture.record(host, type: "AAAA")?.content == new)
                #expect(try await fixture.emulators.records(in: SandboxFixture.zone).count == 2)
            }
        }

        @Test func `the policy create changes no record`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                try await fixture.start(["LANDFALL_CERTIFICATES": "off", "LANDFALL_DNS_POLICY": "create"])
                let record = try #require(try await fixture.record(host))

                let new = "85.214.132.118"
                try await fixture.emulators.set(AddressSettings(ipv4: new))
                for _ in 0..<2 { try await fixture.runOnce() }
                #expect(try await fixture.record(host) == record)
                #expect(try await fixture.messages(about: "LANDFALL_DNS_POLICY=create").count == 1)
            }
        }

        @Test(arguments: [
            Fault.Effect.html(status: 500), .captivePortal, .text("192.168.1.10"), .hang,
        ])
        func `a certificate does not wait for an address, and nothing wrong is written`(_ trouble: Fault.Effect)
            async throws
        {
            try await SandboxFixture.use { fixture in
                try await fixture.emulators.add(Fault(trouble), to: .address)
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                try await fixture.start()

                #expect(fixture.certificate(host) != nil)
                try await fixture.runOnce()
                let told = try await fixture.messages(about: "no public IPv4 address")
                #expect(told.count == 1)
                #expect(try await fixture.emulators.records(in: SandboxFixture.zone).isEmpty)

                try await fixture.emulators.clearFaults(of: .address)
                for _ in 0..<2 { try await fixture.runOnce() }
                try await fixture.awaitAddress(of: host)
                #expect(try await fixture.messages(about: "✓").count == 1)
            }
        }
    }
}
