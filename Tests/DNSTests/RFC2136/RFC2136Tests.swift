import DNS
import Model
import Testing

/// What every server does for the provider.
@Suite(.timeLimit(.minutes(2))) struct RFC2136Tests {
    private func zone() throws -> Zone { Zone(name: try DomainName("example.test"), id: "") }

    @Test(arguments: Primary.Program.allCases, Primary.keys.prefix(2).map(\.algorithm))
    func `a record's life`(program: Primary.Program, algorithm: TSIGKey.Algorithm) async throws {
        let primary = try Primary(program)
        let key = try #require(Primary.keys.first { $0.algorithm == algorithm })
        try await primary.run { [primary] in
            let (provider, zone) = (try primary.provider(key), try zone())
            let host = try DomainName("www.example.test")
            let wanted = DNSRecord(name: host, kind: .a, content: "192.0.2.1", comment: "landfall:default")
            let made = try await provider.create(wanted, in: zone)
            #expect(made.ttl == 300 && made.comment == "landfall:default")
            #expect(try await primary.answers("www.example.test", .a) == ["192.0.2.1"])
            #expect(try await primary.answers("_landfall.www.example.test", .txt) == ["landfall:default A"])
            #expect(try await provider.records(in: zone).filter { $0.name == host } == [made])

            let moved = DNSRecord(name: host, kind: .a, content: "192.0.2.2")
            let updated = try await provider.update(made, to: moved, in: zone)
            #expect(updated.content == "192.0.2.2" && updated.ttl == 300 && updated.comment == "landfall:default")
            #expect(try await provider.records(in: zone).filter { $0.name == host } == [updated])

            let alias = DNSRecord(name: host, kind: .cname, content: "ns1.example.test", ttl: 120)
            let turned = try await provider.update(updated, to: alias, in: zone)
            #expect(turned.kind == .cname && turned.ttl == 120)
            #expect(try await primary.answers("_landfall.www.example.test", .txt) == ["landfall:default CNAME"])
            #expect(try await provider.records(in: zone).filter { $0.name == host } == [turned])

            try await provider.delete(turned, in: zone)
            try await provider.delete(turned, in: zone)
            #expect(try await primary.answers("_landfall.www.example.test", .txt).isEmpty)
            #expect(try await provider.records(in: zone).map(\.name.text) == ["ns1.example.test"])
        }
    }
}
