import System
import Address
import Log
import Model
import Ports
import Report
import TestSupport
import Testing

/// Sources that need no witness.
@Suite struct SourceTests {
    private struct Wires: Interfaces {
        let addresses: [InterfaceAddress]

        init(_ texts: String...) throws { try self.init(texts) }

        init(_ texts: [String]) throws {
            addresses = try texts.map { text in
                InterfaceAddress(try #require(IPAddress(text.drop { $0 == "~" })), isTemporary: text.hasPrefix("~"))
            }
        }

        func addresses(of name: String, for scope: Scope) throws(InterfaceError) -> [InterfaceAddress] {
            guard name == "eth0" else { throw .missing(name) }
            return addresses
        }
    }

    private func find(_ family: IPAddress.Family, _ source: AddressSource, _ wires: Wires, in fixture: AddressFixture)
        async -> AddressFinding
    {
        await fixture.stage(family, source, wires).find().families[0]
    }

    @Test func `a fixed address is not asked from anybody, whatever it is`() async throws {
        let address = try #require(IPAddress("192.168.1.10"))
        let stage = try AddressFixture([]).stage(.v4, .fixed(address))
        #expect(await stage.find().addresses == PublicAddresses(v4: .known(address), v6: nil))
        #expect(stage.confirmed.isEmpty)
    }

    @Test func `the families have a source each, and are found side by side`() async throws {
        let fixture = try AddressFixture([])
        let (v4, v6) = (try #require(IPAddress("85.214.132.117")), try #require(IPAddress("2a01:238::1")))
        let stage = AddressStage(
            v4: .fixed(v4),
            v6: .fixed(v6),
            transport: fixture.transport,
            interfaces: NoInterfaces(),
            state: fixture.state,
            clock: fixture.clock,
            log: .silent
        )
        #expect(await stage.find().addresses == PublicAddresses(v4: .known(v4), v6: .known(v6)))
    }

    @Test func `of an interface its first public address is taken, and kept while it is there`() async throws {
        let fixture = try AddressFixture([])
        let eth0 = AddressSource.interface("eth0")
        let first = try await find(.v4, eth0, Wires("10.0.0.1", "85.214.132.117", "85.214.132.118"), in: fixture)
        #expect(first.known == "85.214.132.117")
        let kept = try await find(.v4, eth0, Wires("85.214.132.118", "85.214.132.117"), in: fixture)
        #expect(kept.known == "85.214.132.117")
        let changed = try await find(.v4, eth0, Wires("85.214.132.118"), in: fixture)
        #expect(changed.known == "85.214.132.118" && changed.unconfirmedReason == nil)
        #expect(fixture.stage().confirmed.first?.sources == ["eth0"])
    }

    @Test func `what is only there for a time, or of the other family, is passed over`() async throws {
        let wires = try Wires("fe80::1", "~2a01:238::aaaa", "fd00::1", "85.214.132.117", "2a01:238::1")
        #expect(try await find(.v6, .interface("eth0"), wires, in: AddressFixture([])).known == "2a01:238::1")
    }

    @Test func `an interface without a public address says what it has, and the last known one stands`() async throws {
        let fixture = try AddressFixture([])
        let eth0 = AddressSource.interface("eth0")
        let none = try await find(.v6, eth0, Wires("fe80::1", "~2a01:238::aaaa"), in: fixture)
        #expect(
            none.unconfirmedReason
                == "no public IPv6 address: eth0 has no such address: fe80::1 is not a public address, "
                + "2a01:238::aaaa is temporary"
        )
        _ = try await find(.v6, eth0, Wires("2a01:238::1"), in: fixture)
        let gone = try await find(.v6, eth0, Wires(), in: fixture)
        #expect(
            gone.known == "2a01:238::1"
                && gone.unconfirmedReason?.contains("eth0 has no such address; the last known one") == true
        )
        let missing = try await find(.v4, .interface("eth1"), Wires(), in: fixture)
        #expect(missing.unconfirmedReason == "no public IPv4 address: there is no network interface eth1")
    }

    @Test func `the loopback interface is read as it is`() throws {
        let found = try SystemInterfaces().addresses(of: "lo", for: .address)
        #expect(found.contains(InterfaceAddress(try #require(IPAddress("127.0.0.1")))))
        #expect(throws: InterfaceError.missing("nowhere0")) {
            try SystemInterfaces().addresses(of: "nowhere0", for: .address)
        }
    }
}

extension SourceTests {
    @Test func `an internal address is typed or an interface's, and may be private`() throws {
        func find(_ text: String, _ addresses: String...) throws -> PublicAddresses {
            let wires = try Wires(addresses)
            return try InternalAddress(text).find(wires)
        }
        let (four, six) = (try #require(IPAddress("192.168.1.10")), try #require(IPAddress("fd00::10")))
        #expect(try find("192.168.1.10") == PublicAddresses(v4: .known(four), v6: nil))
        #expect(try find("fd00::10, 192.168.1.10") == PublicAddresses(v4: .known(four), v6: .known(six)))
        #expect(try find("Off") == PublicAddresses(v4: nil, v6: nil))
        #expect(try find("interface:eth0", "169.254.1.1", "fd00::1", "192.168.1.10").v4 == .known(four))
        let none = try find("interface:eth0", "169.254.1.1")
        #expect(none.v4?.reason?.hasPrefix("eth0 has no such address: 169.254.1.1 is no address") == true)
        #expect(try find("interface:eth1").v4?.reason?.contains("eth1") == true)
    }

    @Test(arguments: [
        "", "auto", "192.168.1.10,192.168.1.11", "192.168.1.10,off", "interface:", "https://a.test/", "a b",
    ])
    func `what is no internal address is rejected with what would be`(text: String) {
        #expect { try InternalAddress(text) } throws: { "\($0)".contains("`interface:NAME`, or `off`") }
    }

    @Test func `an internal address that no other machine reaches is doubted`() throws {
        #expect(try InternalAddress("127.0.0.1").doubts.first?.contains("no other machine reaches") == true)
        for text in ["10.0.0.1", "100.64.0.1", "85.214.132.117", "fd00::10", "off", "interface:lo"] {
            #expect(try InternalAddress(text).doubts.isEmpty)
        }
    }
}
