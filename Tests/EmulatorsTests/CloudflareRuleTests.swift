import Emulators
import FoundationEssentials
import Ports
import Testing

/// The rules about zones, and about what a zone takes.
@Suite struct CloudflareRuleTests {
    private let account: CloudflareAccount

    init() throws { account = try CloudflareAccount() }

    private struct Zone: Decodable, Sendable {
        let name: String
        let status: String
        let paused: Bool
        let type: String
        let servers: [String]

        private enum CodingKeys: String, CodingKey {
            case name, status, paused, type
            case servers = "name_servers"
        }
    }

    private func failure(_ type: String, _ name: String, _ content: String, _ more: String = "") async throws -> [Int] {
        let body = #"{"type":"\#(type)","name":"\#(name)","content":"\#(content)"\#(more)}"#
        return try await account.failure(.post, try account.records(), body)
    }

    @Test func `a zone says its status, its type, whether it is paused, and its name servers`() async throws {
        account.emulator.set("example.org") { zone in
            (zone.status, zone.paused, zone.type, zone.nameServers) = (
                "moved", true, "partial", ["x.ns.cloudflare.com"]
            )
        }
        let zones = try await account.call(.get, "/zones", giving: [Zone].self).result ?? []
        #expect(zones.map(\.name) == ["example.org", "example.test"])
        #expect(zones.map(\.status) == ["moved", "active"] && zones.map(\.type) == ["partial", "full"])
        #expect(zones.map(\.paused) == [true, false])
        #expect(zones[0].servers == ["x.ns.cloudflare.com"] && zones[1].servers.count == 2)
    }

    @Test(arguments: ["10.0.0.7", "172.31.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "169.254.1.1"])
    func `a proxied record does not lead into a private network`(address: String) async throws {
        #expect(try await failure("A", "a", address, #","proxied":true"#) == [400, 9003])
        let record = try await account.create("A", "a", address)
        let path = try account.records() + "/" + record.id
        #expect(try await account.failure(.patch, path, #"{"proxied":true}"#) == [400, 9003])
    }

    @Test func `a content that is private needs the proxy off in the same write`() async throws {
        #expect(try await failure("AAAA", "b", "fd00::7", #","proxied":true"#) == [400, 9003])
        let path =
            try account.records() + "/" + (try await account.create("A", "a", "85.214.1.1", #","proxied":true"#)).id
        #expect(try await account.failure(.patch, path, #"{"content":"10.0.0.7"}"#) == [400, 9003])
        let both = try await account.call(.patch, path, #"{"content":"10.0.0.7","proxied":false}"#)
        #expect(both.result?.content == "10.0.0.7" && both.result?.proxied == false)
    }

    @Test func `a full zone takes no record of any type, but changes and deletions, and a batch as a whole or not`()
        async throws
    {
        account.emulator.set("example.test") { $0.recordLimit = 2 }
        let first = try await account.create("A", "a", "85.214.1.1")
        _ = try await account.create("TXT", "b", "text")
        #expect(try await failure("A", "c", "85.214.1.1") == [400, 81045])
        #expect(try await failure("TXT", "_acme-challenge.a", "text") == [400, 81045])
        let batch = try account.records() + "/batch"
        let new = #"{"type":"A","name":"c","content":"85.214.1.1"}"#
        let change = #"{"id":"\#(first.id)","content":"85.214.1.2"}"#
        #expect(
            try await account.failure(.post, batch, #"{"patches":[\#(change)],"posts":[\#(new)]}"#) == [400, 81045]
        )
        #expect(account.emulator.records(in: "example.test").map(\.content) == ["85.214.1.1", "text"])
        let usage = try await account.call(.get, account.records() + "/usage", giving: [String: Int].self)
        #expect(usage.result == ["record_usage": 2, "record_quota": 2])
        // What is deleted in the same transaction makes room.
        let swap = #"{"deletes":[{"id":"\#(first.id)"}],"posts":[\#(new)]}"#
        _ = try await account.send(.post, batch, swap)
        #expect(account.emulator.records(in: "example.test").map(\.name) == ["b.example.test", "c.example.test"])
        account.emulator.set("example.test") { $0.tellsUsage = false }
        #expect(try await account.failure(.get, account.records() + "/usage") == [404, 7000])
    }

    @Test func `below a delegation only the addresses of its servers are taken`() async throws {
        _ = try await account.create("NS", "dev", "ns.dev.example.test")
        #expect(try await failure("A", "dev", "85.214.1.1") == [400, 81056])
        #expect(try await failure("A", "www.dev", "85.214.1.1") == [400, 89018])
        #expect(try await failure("TXT", "_acme-challenge.www.dev", "text") == [400, 89018])
        _ = try await account.create("A", "ns.dev", "85.214.1.1")
        _ = try await account.create("A", "xdev", "85.214.1.1")
        // The servers of the zone itself.
        _ = try await account.create("NS", "@", "ns1.example.net")
        _ = try await account.create("A", "www", "85.214.1.1")
    }

    @Test func `a token's IP filter lets no request of the token in, and does not concern the global key`() async throws
    {
        account.emulator.settings.filteredLocation = "192.0.2.7"
        for path in ["/zones", "/user/tokens/verify", try account.records()] {
            let answer = try await account.call(.get, path, giving: [String].self)
            #expect(answer.errors.map(\.code) == [9109])
            #expect(answer.errors.map(\.message) == ["Cannot use the access token from location: 192.0.2.7"])
        }
        #expect(try await account.send(.get, "/zones", as: .key).status == 200)
    }
}
