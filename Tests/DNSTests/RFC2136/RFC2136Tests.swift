import DNS
import Model
import Ports
import TestSupport
import Testing

/// What real servers do for the provider.
@Suite(.limited(minutes: 2)) struct RFC2136Tests {
    private static let programs = Primary.Program.allCases

    @Test(arguments: programs, Primary.keys.prefix(2).map(\.algorithm))
    func `a record's life`(program: Primary.Program, algorithm: TSIGKey.Algorithm) async throws {
        let primary = try Primary(program)
        let key = try #require(Primary.keys.first { $0.algorithm == algorithm })
        try await primary.run { [primary] in
            let (provider, zone) = (try primary.provider(key), try Primary.zone())
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

    @Test(arguments: programs)
    func `whether a key may write is found out, and nothing is changed by that`(program: Primary.Program) async throws {
        let primary = try Primary(program)
        try await primary.run { [primary] in
            let zone = try Primary.zone()
            let serial = try await primary.answers("example.test", .soa)
            try await primary.provider().verifyWriting(in: zone, at: "landfall-check-1", challenges: true)
            await #expect(throws: ProviderError.self) {
                try await primary.provider(Primary.keys[2]).verifyWriting(in: zone, at: "x", challenges: false)
            }
            #expect(try await primary.answers("example.test", .soa) == serial)
        }
    }

    @Test(arguments: programs)
    func `a transfer shows delegations and the aliases of challenges`(program: Primary.Program) async throws {
        let alias = "_acme-challenge.www CNAME www.acme.example.net."
        let primary = try Primary(program, ["example.test": "dev NS ns.elsewhere.test.\n\(alias)"])
        try await primary.run { [primary] in
            let contents = try await primary.provider().read(try Primary.zone())
            let delegation = contents.cuts.delegation(of: "_acme-challenge.www.dev.example.test")
            #expect(delegation?.description == "dev.example.test is delegated to ns.elsewhere.test")
            #expect(contents.cuts.delegation(of: "www.example.test") == nil)
            #expect(contents.cuts.alias(of: "_acme-challenge.www.example.test") == "www.acme.example.net")
            #expect(contents.records.map(\.name.text) == ["ns1.example.test"])
        }
    }

    @Test(arguments: programs) func `a server that is configured as documented`(program: Primary.Program) async throws {
        let primary = try Primary(program, isDocumented: true)
        try await primary.run { [primary] in
            let (provider, zone) = (try primary.provider(), try Primary.zone())
            let record = DNSRecord(
                name: try DomainName("www.example.test"),
                kind: .a,
                content: "192.0.2.1",
                comment: "landfall:default"
            )
            let made = try await provider.create(record, in: zone)
            #expect(try await provider.records(in: zone).contains(made))
        }
    }

    @Test(arguments: programs)
    func `a record that stood before is changed without a mark, and keeps its ttl`(program: Primary.Program)
        async throws
    {
        let primary = try Primary(program, ["example.test": "old 77 A 192.0.2.1\nold AAAA 2001:db8::1"])
        try await primary.run { [primary] in
            let (provider, zone) = (try primary.provider(), try Primary.zone())
            let host = try DomainName("old.example.test")
            let first = try await provider.records(in: zone).first { $0.name == host && $0.kind == .a }
            let standing = try #require(first)
            #expect(standing.comment == nil && standing.ttl == 77)
            _ = try await provider.update(standing, to: DNSRecord(name: host, kind: .a, content: "192.0.2.9"), in: zone)
            let new = try await provider.records(in: zone).filter { $0.name == host }
            #expect(new.map(\.content).sorted() == ["192.0.2.9", "2001:db8::1"])
            #expect(new.first { $0.kind == .a }?.ttl == 77 && new.allSatisfy { $0.comment == nil })
        }
    }

    @Test(arguments: programs)
    func `a mark is of one kind's record, and an apex and a wildcard have theirs`(
        program: Primary.Program
    ) async throws {
        let primary = try Primary(program, ["example.test": "both AAAA 2001:db8::1\n*.wild A 192.0.2.7"])
        try await primary.run { [primary] in
            let (provider, zone) = (try primary.provider(), try Primary.zone())
            let results = await provider.apply(
                try ["both.example.test", "example.test", "*.example.test"].map { name in
                    .create(
                        DNSRecord(name: try DomainName(name), kind: .a, content: "192.0.2.1", comment: "landfall:x")
                    )
                },
                in: zone
            )
            #expect(results.allSatisfy { (try? $0.get()) != nil })
            #expect(try await primary.answers("_landfall.example.test", .txt) == ["landfall:x A"])
            #expect(try await primary.answers("_landfall._wildcard.example.test", .txt) == ["landfall:x A"])
            let records = try await provider.records(in: zone)
            let marked = records.filter { $0.comment == "landfall:x" }.map { "\($0.name) \($0.kind.rawValue)" }
            #expect(marked.sorted() == ["*.example.test A", "both.example.test A", "example.test A"])
            #expect(records.contains { $0.name.text == "*.wild.example.test" && $0.comment == nil })
        }
    }

    @Test(arguments: programs)
    func `450 records are read and changed`(program: Primary.Program) async throws {
        let text = (0..<450).map { "h\($0) A 192.0.2.\($0 % 250)\n" }.joined() + "h0 TXT \"somebody's\"\n"
        let primary = try Primary(program, ["example.test": text])
        try await primary.run { [primary] in
            let (provider, zone) = (try primary.provider(), try Primary.zone())
            let standing = try await provider.records(in: zone).filter { $0.name.text.hasPrefix("h") }
            #expect(Set(standing.map(\.name)).count == 450 && standing.count == 450)
            let changes = standing.map {
                RecordChange.update($0, to: DNSRecord(name: $0.name, kind: .a, content: "198.51.100.7"))
            }
            let results = await provider.apply(changes, in: zone)
            #expect(results.map { try? $0.get()?.name } == standing.map(\.name))
            let moved = try await provider.records(in: zone).filter { $0.content == "198.51.100.7" }
            #expect(moved.count == 450)
        }
    }

    @Test(arguments: programs)
    func `what one is refused holds no other`(program: Primary.Program) async throws {
        let primary = try Primary(program, ["example.test": "taken A 192.0.2.1\nalias CNAME ns1"])
        try await primary.run { [primary] in
            let (provider, zone) = (try primary.provider(), try Primary.zone())
            let names = ["a.example.test", "taken.example.test", "alias.example.test", "b.example.test"]
            let results = await provider.apply(
                try names.map { .create(DNSRecord(name: try DomainName($0), kind: .a, content: "192.0.2.5")) },
                in: zone
            )
            #expect(results.map { (try? $0.get()) != nil } == [true, false, false, true])
            #expect(try await primary.answers("a.example.test", .a) == ["192.0.2.5"])
            #expect(try await primary.answers("b.example.test", .a) == ["192.0.2.5"])
            #expect(try await primary.answers("taken.example.test", .a) == ["192.0.2.1"])
        }
    }

    @Test(arguments: programs)
    func `what was changed meanwhile is not changed again`(program: Primary.Program) async throws {
        let primary = try Primary(program, ["example.test": "www A 192.0.2.1\nmail MX 10 ns1\nmail A 192.0.2.3"])
        try await primary.run { [primary] in
            let (provider, zone) = (try primary.provider(), try Primary.zone())
            let host = try DomainName("www.example.test")
            let seen = DNSRecord(name: host, kind: .a, content: "192.0.2.1")
            let wanted = DNSRecord(name: host, kind: .a, content: "192.0.2.2")
            try await primary.update("add www.example.test 60 A 192.0.2.8")
            let second = await failure { () throws(ProviderError) in
                try await provider.update(seen, to: wanted, in: zone)
            }
            #expect(second?.description.contains("changed since the zone was read") == true)
            #expect(try await primary.answers("www.example.test", .a) == ["192.0.2.1", "192.0.2.8"])

            // An alias tolerates nothing beside it, and BIND would lose the address without a word.
            let mail = try DomainName("mail.example.test")
            let beside = await failure { () throws(ProviderError) in
                try await provider.update(
                    DNSRecord(name: mail, kind: .a, content: "192.0.2.3"),
                    to: DNSRecord(name: mail, kind: .cname, content: "ns1.example.test"),
                    in: zone
                )
            }
            #expect(beside?.description.hasPrefix("another record exists now") == true)
            #expect(try await primary.answers("mail.example.test", .a) == ["192.0.2.3"])
            let alias = DNSRecord(name: mail, kind: .cname, content: "ns1.example.test")
            let taken = await failure { () throws(ProviderError) in try await provider.create(alias, in: zone) }
            #expect(taken?.description.hasPrefix("another record exists now") == true)
        }
    }

    @Test(arguments: programs)
    func `challenges stand beside each other, and each goes alone`(program: Primary.Program) async throws {
        let records = "_acme-challenge.www TXT \"somebody's\"\n_acme-challenge.alias CNAME ns1"
        let primary = try Primary(program, ["example.test": records])
        try await primary.run { [primary] in
            let (provider, zone) = (try primary.provider(), try Primary.zone())
            let name = "_acme-challenge.www.example.test"
            let first = try await provider.publishChallenge("first_-1", at: name, in: zone)
            let second = try await provider.publishChallenge("second", at: name, in: zone)
            #expect(try await primary.answers(name, .txt) == ["first_-1", "second", "somebody's"])
            try await provider.removeChallenge(first, in: zone)
            try await provider.removeChallenge(first, in: zone)
            #expect(try await primary.answers(name, .txt) == ["second", "somebody's"])
            // One whose key was never learnt.
            try await provider.removeChallenge(ChallengeRecord(id: "", name: name, value: second.value), in: zone)
            #expect(try await primary.answers(name, .txt) == ["somebody's"])
            let alias = await failure { () throws(ProviderError) in
                try await provider.publishChallenge("x", at: "_acme-challenge.alias.example.test", in: zone)
            }
            #expect(alias == .rejected("there is an alias at _acme-challenge.alias.example.test"))
        }
    }
}
