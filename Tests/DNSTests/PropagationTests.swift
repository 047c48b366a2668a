import DNS
import Model
import Ports
import Testing
import Timing

@Suite struct PropagationTests {
    private let name = "_acme-challenge.www.example.test"
    private let zone: Zone

    init() throws { zone = Zone(name: try DomainName("example.test"), id: "z1") }

    /// Two authoritative servers of `example.test`, each with records of its own; the first one shows the way.
    private func pair(_ first: String = "", _ second: String = "", other: [String: String] = [:]) throws -> [NameServer]
    {
        let addresses = [NameServer.freeAddress(), NameServer.freeAddress()]
        let head = "@ NS ns1\n@ NS ns2\nns1 A \(addresses[0])\nns2 A \(addresses[1])\n"
        return try [
            NameServer(["example.test": head + first].merging(other) { $1 }, at: addresses[0]),
            NameServer(["example.test": head + second].merging(other) { $1 }, at: addresses[1]),
        ]
    }

    private func wait(
        for values: Set<String>,
        shownBy server: DNSServer,
        limit: Duration = .seconds(30)
    ) async -> PropagationResult {
        await Propagation(resolver: LDNSClient(), recursive: [server], clock: SystemClock())
            .wait(for: values, at: name, zones: [zone], limit: limit, scope: .run)
    }

    @Test func `values that exist on all servers are visible, with or without others`() async throws {
        let records = "_acme-challenge.www TXT one\n_acme-challenge.www TXT two\n_acme-challenge.www TXT three"
        let servers = try pair(records, records)
        let result = try await servers[0].run { [self] in
            try await servers[1].run { await wait(for: ["one", "three"], shownBy: servers[0].server) }
        }
        #expect(result == .visible)
    }

    @Test func `every server is waited for`() async throws {
        let servers = try pair("_acme-challenge.www TXT one")
        let result = try await servers[0].run { [self] in
            try await servers[1].run {
                async let result = wait(for: ["one"], shownBy: servers[0].server)
                try await servers[1].update("add \(name) 0 TXT one")
                return await result
            }
        }
        #expect(result == .visible)
    }

    @Test func `servers without the value are named when the time is over`() async throws {
        let servers = try pair("_acme-challenge.www TXT one", "_acme-challenge.www TXT other")
        let result = try await servers[0].run { [self] in
            try await servers[1].run {
                await wait(for: ["one"], shownBy: servers[0].server, limit: .milliseconds(300))
            }
        }
        #expect(result.withoutValue == [servers[1].server])
    }

    @Test func `half of the values is not enough`() async throws {
        let records = "_acme-challenge.www TXT one"
        let servers = try pair(records, records)
        let result = try await servers[0].run { [self] in
            try await servers[1].run {
                await wait(for: ["one", "two"], shownBy: servers[0].server, limit: .milliseconds(300))
            }
        }
        #expect(result.withoutValue == servers.map(\.server).sorted { "\($0)" < "\($1)" })
    }

    @Test func `a server that is down does not count while another answers`() async throws {
        let servers = try pair("_acme-challenge.www TXT one")
        let result = try await servers[0].run { [self] in await wait(for: ["one"], shownBy: servers[0].server) }
        #expect(result == .visible)
    }

    @Test func `a name that is delegated by an alias is followed to the other zone's servers`() async throws {
        let alias = "_acme-challenge.www CNAME proof.acme.delegated.test."
        let elsewhere = try NameServer(["acme.delegated.test": "@ NS ns1\nns1 A 127.0.0.1\nproof TXT one"])
        // The way there; its own copy of the value is not the authoritative one.
        let directions = "@ NS ns1\nns1 A \(elsewhere.address)\nproof TXT stale"
        let servers = try pair(alias, alias, other: ["acme.delegated.test": directions])
        let result = try await servers[0].run { [self] in
            try await servers[1].run {
                try await elsewhere.run { await wait(for: ["one"], shownBy: servers[0].server) }
            }
        }
        #expect(result == .visible)
    }

    @Test func `an alias that a wildcard lends is left when the value appears`() async throws {
        let wildcard = "*.www CNAME origin"
        let servers = try pair(wildcard, wildcard)
        let result = try await servers[0].run { [self] in
            try await servers[1].run {
                async let result = wait(for: ["one"], shownBy: servers[0].server)
                try await servers[0].update("add \(name) 0 TXT one")
                try await servers[1].update("add \(name) 0 TXT one")
                return await result
            }
        }
        #expect(result == .visible)
    }

    @Test func `where no authoritative server can be reached it says so`() async throws {
        let closed = NameServer.freeAddress()
        let guide = try NameServer(["example.test": "@ NS ns1\nns1 A \(closed)"])
        let result = try await guide.run { [self] in
            await wait(for: ["one"], shownBy: guide.server, limit: .milliseconds(300))
        }
        #expect(result == .unreachable)
    }

    @Test func `without an answering resolver the result is unreachable`() async throws {
        let nobody = DNSServer(address: NameServer.freeAddress())
        #expect(await wait(for: ["one"], shownBy: nobody, limit: .milliseconds(300)) == .unreachable)
    }
}
