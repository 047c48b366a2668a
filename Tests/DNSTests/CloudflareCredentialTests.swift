import DNS
import Emulators
import HTTPServer
import Model
import Ports
import Testing

@Suite struct CloudflareCredentialTests {
    private static let badToken = "the token is not valid: check CLOUDFLARE_API_TOKEN"
    private static let badKey =
        "the e-mail address and global key are not valid: check CLOUDFLARE_EMAIL and CLOUDFLARE_TOKEN"

    static let bad: [(CloudflareCredentials, String)] = [
        (.token(Secret("unknown-token")), badToken),
        (.token(Secret("mal formed")), badToken),
        (.globalKey(email: "owner@example.test", key: Secret("feedfeed")), badKey),
        (.globalKey(email: "owner@example.test", key: Secret("no key at all")), badKey),
    ]

    @Test(arguments: bad.indices)
    func `credentials that are not valid are named by their variables`(index: Int) async throws {
        let (credentials, sentence) = Self.bad[index]
        let provider = try CloudflareFixture().provider(credentials)
        #expect(
            await failure { () async throws(ProviderError) in try await provider.zones() } == .unauthorized(sentence)
        )
        #expect(
            await failure { () async throws(ProviderError) in try await provider.verify() } == .unauthorized(sentence)
        )
    }

    @Test(arguments: [CloudflareFixture.token, CloudflareFixture.key, .token(Secret("reading-token"))])
    func `good credentials are verified, with whose they are`(credentials: CloudflareCredentials) async throws {
        let identity = try await CloudflareFixture().provider(credentials).verify()
        if case .globalKey = credentials {
            #expect(identity == "a user's global key")
        } else {
            #expect(identity == "a user's token")
        }
    }

    @Test func `an account's own token, which the user's endpoint does not know, is verified by what it can see`()
        async throws
    {
        let fixture = try CloudflareFixture()
        fixture.emulator.faults.add(
            Fault(.error(status: 401, code: 1000, message: "Invalid API Token"), path: "/user/tokens/verify")
        )
        #expect(try await fixture.provider().verify() == "an account's token")
    }

    @Test func `a token that ends one day is said to`() async throws {
        let stub = try Scene { _ in
            .text(#"{"success":true,"result":{"id":"1","status":"active","expires_on":"2027-03-31T23:59:59Z"}}"#)
        }
        #expect(try await stub.provider.verify() == "a user's token, valid until 2027-03-31")
    }

    @Test func `records are counted without being read`() async throws {
        let fixture = try CloudflareFixture()
        for number in 0..<12 { try fixture.put("A", "h\(number).example.test", "85.214.1.1") }
        let zone = try fixture.zone()
        let usage = try await fixture.provider().countRecords(in: zone)
        #expect(usage == ZoneUsage(zone: zone.name, records: 12, limit: 1_000_000))
        fixture.emulator.set("example.test") { $0.tellsUsage = false }
        fixture.emulator.log.clear()
        #expect(
            try await fixture.provider().countRecords(in: zone) == ZoneUsage(zone: zone.name, records: 12, limit: nil)
        )
        #expect(fixture.emulator.log.requests.map(\.query["per_page"]) == [nil, "5"])
    }

    @Test(arguments: ["disabled", "expired"])
    func `a token that is out of use is not valid`(status: String) async throws {
        let stub = try Scene { request in
            request.path == "/user/tokens/verify"
                ? .text(#"{"success":true,"errors":[],"result":{"id":"1","status":"\#(status)"}}"#)
                : .text(#"{"success":false,"errors":[{"code":9109,"message":"Invalid access token"}]}"#, status: 403)
        }
        let error = await failure { () async throws(ProviderError) in try await stub.provider.verify() }
        #expect(error == .unauthorized(Self.badToken))
    }

    @Test func `a token that may only read gets an error that names what it lacks`() async throws {
        let fixture = try CloudflareFixture()
        let record = DNSRecord(name: try DomainName("www.example.test"), kind: .a, content: "85.214.1.1")
        let error = await failure { () async throws(ProviderError) in
            try await fixture.provider(.token(Secret("reading-token"))).create(record, in: try Self.zone(of: fixture))
        }
        #expect(error == .unauthorized("the token may not edit the zone example.test: it needs DNS:Edit"))
    }

    @Test func `whether a token may write is found out, and nothing is changed by that`() async throws {
        let fixture = try CloudflareFixture()
        try fixture.put("A", "www.example.test", "85.214.1.1")
        try await fixture.provider().verifyWriting(in: try fixture.zone())
        #expect(fixture.emulator.log.requests.allSatisfy { $0.method == "GET" })
        let error = await failure { () async throws(ProviderError) in
            try await fixture.provider(.token(Secret("reading-token"))).verifyWriting(in: try Self.zone(of: fixture))
        }
        #expect(error == .unauthorized("the token may not edit the zone example.test: it needs DNS:Edit"))
        #expect(fixture.emulator.records(in: "example.test").map(\.content) == ["85.214.1.1"])
    }

    private static func zone(of fixture: CloudflareFixture) throws(ProviderError) -> Zone {
        guard let zone = try? fixture.zone() else { throw .rejected("no zone") }
        return zone
    }

    @Test(arguments: [CloudflareFixture.token, CloudflareFixture.key])
    func `credentials travel as secrets, and every request says for whom it is`(
        credentials: CloudflareCredentials
    ) async throws {
        let transport = DeafTransport(.cancelled)
        let provider = CloudflareProvider(credentials, transport: transport)
        let zone = Zone(name: try DomainName("example.test"), id: "z1")
        let host = try DomainName("www.example.test")
        let record = DNSRecord(id: "r1", name: host, kind: .a, content: "85.214.1.1")
        let challenge = ChallengeRecord(id: "r2", name: "_acme-challenge.www.example.test", value: "one")
        _ = try? await provider.zones()
        _ = try? await provider.records(in: zone)
        _ = try? await provider.create(record, in: zone)
        _ = try? await provider.update(record, to: record, in: zone)
        _ = try? await provider.publishChallenge("one", at: challenge.name, in: zone)
        try? await provider.removeChallenge(challenge, in: zone)
        _ = await provider.apply([.delete(record), .create(record)], in: zone)
        #expect(
            transport.sent.map(\.scope) == [
                .run, .zone("example.test"), .host(host), .host(host), .host(host), .host(host),
                .zone("example.test"),
            ]
        )
        for sent in transport.sent {
            let plain = sent.request.headers.filter { !$0.isSecret }.map(\.name)
            #expect(plain.allSatisfy { $0 == "Content-Type" })
            #expect(sent.request.headers.contains { $0.isSecret })
            #expect(sent.request.url.hasPrefix("https://api.cloudflare.com/client/v4/"))
        }
    }
}
