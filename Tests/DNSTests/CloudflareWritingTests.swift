import DNS
import Emulators
import HTTPServer
import Model
import Ports
import Testing

@Suite struct CloudflareWritingTests {
    private let fixture: CloudflareFixture
    private let zone: Zone
    private let www: DomainName

    init() throws {
        fixture = try CloudflareFixture()
        zone = try fixture.zone()
        www = try DomainName("www.example.test")
    }

    private func wanted(_ content: String = "85.214.1.2", proxied: Bool? = nil, ttl: Int? = nil) -> DNSRecord {
        DNSRecord(name: www, kind: .a, content: content, ttl: ttl, proxied: proxied, comment: "landfall:default")
    }

    @Test func `a new record is what was asked for, and the answer says so`() async throws {
        let record = try await fixture.provider().create(wanted(proxied: true), in: zone)
        let standing = try #require(fixture.emulator.records(in: "example.test").first)
        #expect(record.id == standing.id)
        #expect(standing.name == "www.example.test" && standing.type == "A" && standing.content == "85.214.1.2")
        #expect(standing.proxied && standing.ttl == 1 && standing.comment == "landfall:default")
    }

    @Test func `a record whose answer was lost is found again, not made twice`() async throws {
        fixture.emulator.faults.add(Fault(.lostAnswer, method: "POST", times: 1))
        let first = await failure { () async throws(ProviderError) in
            try await fixture.provider().create(wanted(), in: zone)
        }
        #expect(first == .unavailable("cannot edit the zone example.test now: answered 502"))
        let record = try await fixture.provider().create(wanted(), in: zone)
        #expect(fixture.emulator.records(in: "example.test").map(\.id) == [record.id])
    }

    @Test func `a record like it that somebody else made is no success`() async throws {
        try fixture.put("A", "www.example.test", "85.214.1.2", comment: "by hand")
        let error = await failure { () async throws(ProviderError) in
            try await fixture.provider().create(wanted(), in: zone)
        }
        guard case .rejected(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains("already exists"))
    }

    @Test func `a write is never repeated`() async throws {
        fixture.emulator.faults.add(Fault(.html(status: 503)))
        _ = await failure { () async throws(ProviderError) in try await fixture.provider().create(wanted(), in: zone) }
        #expect(fixture.emulator.log.requests.count == 1)
    }

    @Test func `an update changes the content alone`() async throws {
        let old = try fixture.put("A", "www.example.test", "85.214.1.1", ttl: 300, proxied: false, comment: "by hand")
        let new = DNSRecord(name: www, kind: .a, content: "85.214.1.2")
        let record = try await fixture.provider().update(old, to: new, in: zone)
        #expect(record.content == "85.214.1.2" && record.id == old.id)
        #expect(record.ttl == 300 && record.proxied == false && record.comment == "by hand")
        let body = try #require(fixture.requests("PATCH").first).body
        #expect(!body.contains("ttl") && !body.contains("proxied") && !body.contains("comment"))
    }

    @Test func `an update changes the options that it names`() async throws {
        let old = try fixture.put("A", "www.example.test", "85.214.1.1", proxied: true, comment: "by hand")
        let new = DNSRecord(name: www, kind: .a, content: "85.214.1.1", ttl: 300, proxied: false)
        let record = try await fixture.provider().update(old, to: new, in: zone)
        #expect(record.ttl == 300 && record.proxied == false && record.comment == "by hand")
    }

    @Test func `a new kind keeps what it does not name`() async throws {
        let old = try fixture.put("CNAME", "www.example.test", "o.example.net", ttl: 300, comment: "landfall:default")
        let new = DNSRecord(name: www, kind: .a, content: "85.214.1.2")
        let record = try await fixture.provider().update(old, to: new, in: zone)
        #expect(record.kind == .a && record.content == "85.214.1.2")
        #expect(record.ttl == 300 && record.comment == "landfall:default")
        #expect(fixture.emulator.records(in: "example.test").count == 1)
    }

    @Test func `a record that is gone is for the next run`() async throws {
        let old = try fixture.put("A", "www.example.test", "85.214.1.1")
        try fixture.emulator.remove(try #require(old.id), in: "example.test")
        let error = await failure { () async throws(ProviderError) in
            try await fixture.provider().update(old, to: wanted(), in: zone)
        }
        #expect(error == .unavailable("the record was removed while this run looked at it"))
    }

    @Test func `an alias in the way is named`() async throws {
        try fixture.put("CNAME", "www.example.test", "pages.example.net")
        let error = await failure { () async throws(ProviderError) in
            try await fixture.provider().create(wanted(), in: zone)
        }
        guard case .rejected(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.hasPrefix("another A, AAAA or CNAME record exists at the name: "))
    }

    @Test func `a rejection has the words of Cloudflare`() async throws {
        let error = await failure { () async throws(ProviderError) in
            try await fixture.provider().create(wanted("nonsense"), in: zone)
        }
        let reason = "DNS Validation Error (1004): Content for A record must be a valid IPv4 address. (9005)"
        #expect(error == .rejected("refused to edit the zone example.test: \(reason)"))
    }

    @Test func `an answer that shows something else is no confirmation`() async throws {
        let stub = try Scene { _ in
            .text(
                #"{"success":true,"errors":[],"result":{"id":"1","type":"A","name":"www.example.test","content":"1.1.1.1"}}"#
            )
        }
        let error = await failure { () async throws(ProviderError) in try await stub.provider.create(wanted(), in: zone)
        }
        #expect(error?.description.contains("could not confirm what was written") == true)
    }

    @Test func `an identifier that would lead elsewhere is not put into a path`() async throws {
        let old = DNSRecord(id: "../../user", name: www, kind: .a, content: "85.214.1.1")
        let error = await failure { () async throws(ProviderError) in
            try await fixture.provider().update(old, to: wanted(), in: zone)
        }
        #expect(error == .rejected("the record has no identifier to change it by"))
        #expect(fixture.emulator.log.requests.isEmpty)
    }
}
