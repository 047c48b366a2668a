@testable import DNS
import Model
import Ports
import TestSupport
import Testing

@Suite struct CAALookupTests {
    private typealias Line = ScriptedResolver.Line

    private func find(_ name: String, _ views: Views, zones: [Zone] = []) async throws -> Observation<CAASet?> {
        let directory = ZoneDirectory(entries: zones.map { .init(zone: $0, provider: NoProvider()) })
        let domain = try DomainName(name)
        let lookup = CAALookup(resolver: views, recursive: Views.list(Views.resolver))
        return try #require(await lookup.find([domain], in: directory, scope: .run)[domain])
    }

    private func found(_ name: String, _ lines: [Line]) async throws -> String? {
        let others = ["www.example.test", "example.test", "test", "shop.example.net", "example.net", "net"]
        let rest = others.map { Line.answer($0, .caa) }
        let set = try await find(name, Views([Views.resolver: lines + rest])).value ?? nil
        return set.map { "\($0.name): \($0.records.map(\.description).joined(separator: ", "))" }
    }

    @Test func `the records of the name itself count, else those of the closest name above it`() async throws {
        let above = Line.answer("example.test", .caa, ["0 issue ca.test"])
        let own = Line.answer("www.example.test", .caa, ["128 issue other.test"])
        #expect(try await found("www.example.test", [above, own]) == #"www.example.test: 128 issue "other.test""#)
        #expect(try await found("www.example.test", [above]) == #"example.test: 0 issue "ca.test""#)
        #expect(try await found("*.example.test", [above, own]) == #"example.test: 0 issue "ca.test""#)
        #expect(try await found("www.example.test", []) == nil)
    }

    @Test func `an alias has the records of its target, and not those above it`() async throws {
        let alias = Line.answer("www.example.test", .caa, alias: "shop.example.net")
        let target = Line.answer("shop.example.net", .caa, ["0 issue far.test"])
        let above = Line.answer("example.net", .caa, ["0 issue wrong.test"])
        #expect(try await found("www.example.test", [alias, target]) == #"www.example.test: 0 issue "far.test""#)
        let home = Line.answer("example.test", .caa, ["0 issue home.test"])
        #expect(try await found("www.example.test", [alias, above, home]) == #"example.test: 0 issue "home.test""#)
    }

    @Test func `a name that cannot be read hides what is above it`() async throws {
        let views = Views([Views.resolver: [.answer("example.test", .caa, ["0 issue ca.test"])]])
        #expect(
            try await find("www.example.test", views)
                == .unavailable(reason: "no name server answers for the CAA records of www.example.test")
        )
    }

    @Test func `what a resolver shows of a zone that is inside too does not count`() async throws {
        let shown: [Line] = [.answer("www.example.test", .caa), .answer("test", .caa)]
        let views = Views([
            Views.resolver: Views.insideView + shown + [.answer("example.test", .caa, ["0 issue in.test"])]
        ])
        let name = try DomainName("example.test")
        let zone = Zone(name: name, id: "1").beside(Zone(name: name, id: "2", nameServers: [Views.inside]))
        #expect(try await find("www.example.test", views, zones: [zone]).value == nil)
    }

    @Test func `aliases in a circle end`() async throws {
        let views = Views([
            Views.resolver: [
                .answer("www.example.test", .caa, alias: "a.example.net"),
                .answer("a.example.net", .caa, alias: "b.example.net"),
                .answer("b.example.net", .caa, alias: "a.example.net"),
                .answer("example.test", .caa), .answer("test", .caa),
            ]
        ])
        #expect(try await find("www.example.test", views).reason?.contains("in a circle") == true)
    }

    @Test func `the zone's own servers are asked, not a cache or an inside view`() async throws {
        let zone = Zone(name: try DomainName("example.test"), id: "1", nameServers: ["ada.ns.cloudflare.test"])
        let views = Views([
            Views.resolver: Views.insideView + [
                .answer("www.example.test", .caa, ["0 issue stale.test"]), .answer("test", .caa),
            ],
            Views.outside: [
                .answer("www.example.test", .caa), .answer("example.test", .caa, ["0 issue ca.test"]),
            ],
        ])
        let set = try await find("www.example.test", views, zones: [zone]).value ?? nil
        #expect(set?.records == [CAARecord(tag: "issue", value: "ca.test")] && set?.name == "example.test")
    }

    @Test func `a real server's records are read with their flags, tags and values`() async throws {
        let server = try NameServer([
            "example.test": """
            @ NS ns1
            ns1 A 127.0.0.1
            @ CAA 0 issue "ca.test; accounturi=https://ca.test/acct/1; validationmethods=dns-01"
            @ CAA 128 issuewild ";"
            """
        ])
        let views = try await server.run {
            try await LDNSClient().query(
                DNSQuestion("example.test", .caa, recursionDesired: false),
                at: server.server,
                for: .run
            )
        }
        #expect(
            Set(views.answers.map(\.content)) == [
                "0 issue ca.test; accounturi=https://ca.test/acct/1; validationmethods=dns-01", "128 issuewild ;",
            ]
        )
    }
}

private struct NoProvider: DNSProvider {
    let name = "none"

    func zones() async throws(ProviderError) -> [Zone] { [] }
    func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents { ZoneContents([]) }
    func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] { [] }
    func publishChallenge(_ value: String, at name: String, in zone: Zone) async throws(ProviderError)
        -> ChallengeRecord
    {
        throw .unavailable("none")
    }
    func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {}
}
