import Emulators
import HTTPServer
import Ports
import Testing

extension IntegrationTests {
    @Suite struct AddressTests {
        @Test func `a new address is followed on the timer, and what else a record says stays`() async throws {
            try await SandboxFixture.play { scene in
                let (plain, proxied) = (scene.host("plain"), scene.host("proxied"))
                let old = AddressSettings().ipv4
                for draft in [
                    RecordDraft(name: plain, type: "A", content: old, ttl: 300, comment: "by hand"),
                    RecordDraft(name: proxied, type: "A", content: old, ttl: 1, proxied: true),
                ] { try await scene.emulators.put(draft, in: SandboxFixture.zone) }
                try await scene.createService("web", ["landfall.host": "\(plain),\(proxied)"])
                try await scene.start(["LANDFALL_CERTIFICATES": "off", "LANDFALL_INTERVAL": "1s"])
                #expect(try await scene.writes().isEmpty)

                let new = "85.214.132.118"
                try await scene.emulators.set(AddressSettings(ipv4: new))
                let message = try await scene.awaitMessage(about: new)
                #expect(message.contains("the public IPv4 address is now \(new) (was \(old)), say "))
                let (first, second) = try await (scene.record(plain), scene.record(proxied))
                #expect(first?.content == new && first?.ttl == 300 && first?.proxied == false)
                #expect(first?.comment?.contains("by hand") == true)
                #expect(second?.content == new && second?.proxied == true)
                try await scene.awaitAddress(new, of: plain)
                #expect(try await scene.emulators.records(in: SandboxFixture.zone).count == 2)
                try await scene.runOnce()
                #expect(try await scene.messages(about: new).count == 1)
            }
        }

        @Test func `a change is believed when a second operator tells it, across restarts`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host])
                let settings = ["LANDFALL_CERTIFICATES": "off"]
                #expect(try await scene.command("once", changes: settings).end == .exited(0))

                let (old, new) = (AddressSettings().ipv4, "85.214.132.118")
                try await scene.emulators.add(Fault(.text(new), path: AddressEmulator.linePath), to: .address)
                try await scene.emulators.add(Fault(.captivePortal, path: AddressEmulator.tracePath), to: .address)
                for _ in 0..<2 {
                    let result = try await scene.command("once", changes: settings)
                    #expect(result.end == .exited(1))
                    #expect(try await scene.record(host)?.content == old)
                }
                #expect(try await scene.messages(about: "the last known one, \(old), is still used").count == 1)

                try await scene.emulators.clearFaults(of: .address)
                try await scene.emulators.set(AddressSettings(ipv4: new))
                #expect(try await scene.command("once", changes: settings).end == .exited(0))
                #expect(try await scene.record(host)?.content == new)
                #expect(try await scene.messages(about: "is now \(new) (was \(old)), say ").count == 1)
            }
        }

        @Test func `with IPv6 each host has both addresses, and each follows its own`() async throws {
            try await SandboxFixture.play { scene in
                let service = AddressEmulator()
                let servers = try (0..<2).map { _ in
                    try HTTPServer(listening: .tcp(address: "::1", port: 0), handler: service.handler)
                }
                defer { servers.forEach { $0.stop() } }
                let urls = servers.map { "http://[::1]:\($0.port)/v6/" }
                let settings = ["LANDFALL_CERTIFICATES": "off", "LANDFALL_IPV6": urls.joined(separator: ",")]
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host])
                #expect(try await scene.command("once", changes: settings).end == .exited(0))
                #expect(try await scene.record(host)?.content == AddressSettings().ipv4)
                #expect(try await scene.record(host, type: "AAAA")?.content == AddressSettings().ipv6)

                let new = "2a01:238:4000::118"
                service.settings = AddressSettings(ipv6: new)
                #expect(try await scene.command("once", changes: settings).end == .exited(0))
                #expect(try await scene.record(host, type: "AAAA")?.content == new)
                #expect(try await scene.record(host)?.content == AddressSettings().ipv4)

                // A family that cannot be found any more, or that is wanted no longer, takes nothing away.
                service.faults.add(Fault(.captivePortal))
                #expect(try await scene.command("once", changes: settings).end == .exited(1))
                #expect(try await scene.command("once", changes: ["LANDFALL_CERTIFICATES": "off"]).end == .exited(0))
                #expect(try await scene.record(host, type: "AAAA")?.content == new)
                #expect(try await scene.emulators.records(in: SandboxFixture.zone).count == 2)
            }
        }

        @Test func `the policy create changes no record`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host])
                try await scene.start(["LANDFALL_CERTIFICATES": "off", "LANDFALL_DNS_POLICY": "create"])
                let record = try #require(try await scene.record(host))

                let new = "85.214.132.118"
                try await scene.emulators.set(AddressSettings(ipv4: new))
                for _ in 0..<2 { try await scene.runOnce() }
                #expect(try await scene.record(host) == record)
                #expect(try await scene.messages(about: "LANDFALL_DNS_POLICY=create").count == 1)
            }
        }

        @Test(arguments: [
            Fault.Effect.html(status: 500), .captivePortal, .text("192.168.1.10"), .hang,
        ])
        func `a certificate does not wait for an address, and nothing wrong is written`(_ trouble: Fault.Effect)
            async throws
        {
            try await SandboxFixture.play { scene in
                try await scene.emulators.add(Fault(trouble), to: .address)
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host])
                try await scene.start()

                #expect(scene.certificate(host) != nil)
                try await scene.runOnce()
                let told = try await scene.messages(about: "no public IPv4 address")
                #expect(told.count == 1)
                #expect(try await scene.emulators.records(in: SandboxFixture.zone).isEmpty)

                try await scene.emulators.clearFaults(of: .address)
                for _ in 0..<2 { try await scene.runOnce() }
                try await scene.awaitAddress(of: host)
                #expect(try await scene.messages(about: "✓").count == 1)
            }
        }
    }
}
