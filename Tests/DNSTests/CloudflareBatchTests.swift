import DNS
import Emulators
import HTTPServer
import Model
import Ports
import Testing

/// Many changes of one zone.
@Suite struct CloudflareBatchTests {
    private let fixture: CloudflareFixture
    private let zone: Zone

    init() throws {
        fixture = try CloudflareFixture()
        zone = try fixture.zone()
    }

    private func apply(_ changes: [RecordChange]) async -> [Result<DNSRecord?, ProviderError>] {
        await fixture.provider().apply(changes, in: zone)
    }

    private func new(_ name: String, _ content: String = "85.214.1.2", _ kind: DNSRecord.Kind = .a) throws -> DNSRecord
    {
        DNSRecord(
            name: try DomainName("\(name).example.test"),
            kind: kind,
            content: content,
            comment: "landfall:default"
        )
    }

    private var standing: [String] {
        fixture.emulator.records(in: "example.test").map { "\($0.name.prefix { $0 != "." }) \($0.type) \($0.content)" }
            .sorted()
    }

    private var posts: [String] {
        fixture.requests("POST").map { String($0.path.split(separator: "/").last ?? "") }
    }

    @Test func `changes of every kind go in one transaction, and are confirmed in their order`() async throws {
        let stale = try fixture.put("A", "a.example.test", "85.214.1.1", ttl: 300, comment: "by hand")
        let alias = try fixture.put("CNAME", "b.example.test", "b.example.net", comment: "landfall:default")
        let old = try fixture.put("A", "c.example.test", "85.214.1.1")
        let results = await apply([
            .create(try new("d")),
            .update(alias, to: DNSRecord(name: alias.name, kind: .a, content: "85.214.1.2")),
            .delete(old),
            .update(stale, to: DNSRecord(name: stale.name, kind: .a, content: "85.214.1.2")),
        ])
        let records = try results.map { try $0.get() }
        #expect(records.map { $0?.name.labels.first } == ["d", "b", nil, "a"])
        #expect(records[1]?.id == alias.id && records[1]?.comment == "landfall:default")
        #expect(records[3]?.id == stale.id && records[3]?.ttl == 300 && records[3]?.comment == "by hand")
        #expect(standing == ["a A 85.214.1.2", "b A 85.214.1.2", "d A 85.214.1.2"])
        #expect(fixture.emulator.log.requests.map(\.method) == ["POST"])
    }

    @Test func `what is asked for at one name is done in an order that works`() async throws {
        let alias = try fixture.put("CNAME", "a.example.test", "a.example.net")
        let two = [
            try fixture.put("A", "b.example.test", "85.214.1.1"), try fixture.put("A", "b.example.test", "85.214.1.3"),
        ]
        let results = await apply([
            .create(try new("a")), .delete(alias),
            .create(try new("b", "2a01:238::1", .aaaa)), .delete(two[1]),
            .update(two[0], to: try new("b", "85.214.1.3")),
        ])
        #expect(try results.map { try $0.get()?.content } == ["85.214.1.2", nil, "2a01:238::1", nil, "85.214.1.3"])
        #expect(standing == ["a A 85.214.1.2", "b A 85.214.1.3", "b AAAA 2a01:238::1"])
        #expect(posts == ["batch"])
    }

    @Test func `more than two hundred take one transaction for every two hundred`() async throws {
        let changes = try (0..<450).map { RecordChange.create(try new("h\($0)")) }
        let results = await apply(changes)
        #expect(try results.map { try $0.get()?.name.text } == (0..<450).map { "h\($0).example.test" })
        #expect(posts == ["batch", "batch", "batch"])
        #expect(standing.count == 450)
    }

    @Test func `a name whose changes fill a transaction up goes into the next with all of them`() async throws {
        let alias = try fixture.put("CNAME", "last.example.test", "a.example.net")
        let changes = try (0..<199).map { RecordChange.create(try new("h\($0)")) }
        let results = await apply(changes + [.create(try new("last")), .delete(alias)])
        #expect(results.allSatisfy { $0.isSuccess })
        #expect(standing.count == 200 && standing.contains("last A 85.214.1.2"))
        #expect(posts.count == 2)
    }

    @Test func `one bad among fifty holds no other, and is found in few requests`() async throws {
        var changes = try (0..<50).map { RecordChange.create(try new("h\($0)")) }
        changes[17] = .create(try new("h17", "nonsense"))
        let results = await apply(changes)
        for (place, result) in results.enumerated() where place != 17 {
            #expect(try result.get()?.name.text == "h\(place).example.test")
        }
        let reason = "DNS Validation Error (1004): Content for A record must be a valid IPv4 address. (9005)"
        #expect(results[17] == .failure(.rejected("refused to edit the zone example.test: \(reason)")))
        #expect(standing.count == 49)
        // All, eight parts, and the seven of the bad part one by one.
        #expect(posts.count == 1 + 8 + 7)
    }

    @Test func `all bad come to an end, each with its reason`() async throws {
        let results = await apply(try (0..<200).map { .create(try new("h\($0)", "nonsense")) })
        #expect(results.allSatisfy { if case .failure(.rejected) = $0 { true } else { false } })
        #expect(standing.isEmpty)
        #expect(posts.count < 300)
    }

    @Test func `a record that is gone is deleted, and holds no other`() async throws {
        let gone = try fixture.put("A", "a.example.test", "85.214.1.1")
        try fixture.emulator.remove(try #require(gone.id), in: "example.test")
        let results = await apply([.delete(gone), .create(try new("b"))])
        #expect(try results.map { try $0.get()?.content } == [nil, "85.214.1.2"])
        #expect(standing == ["b A 85.214.1.2"])
    }

    @Test func `a record that exists already as wanted is a success among others`() async throws {
        try fixture.put("A", "a.example.test", "85.214.1.2", comment: "landfall:default")
        let results = await apply([.create(try new("a")), .create(try new("b"))])
        #expect(results.allSatisfy { $0.isSuccess })
        #expect(standing == ["a A 85.214.1.2", "b A 85.214.1.2"])
    }

    @Test func `a deletion that makes room for what is refused is not made`() async throws {
        let alias = try fixture.put("CNAME", "a.example.test", "a.example.net")
        let results = await apply([.delete(alias), .create(try new("a", "nonsense")), .create(try new("b"))])
        for result in results.prefix(2) {
            guard case .failure(.rejected) = result else {
                Issue.record("\(result)")
                continue
            }
        }
        #expect(standing == ["a CNAME a.example.net", "b A 85.214.1.2"])
    }

    @Test func `a token that may not write costs one request`() async throws {
        let provider = fixture.provider(.token(Secret("reading-token")))
        let results = await provider.apply(try (0..<50).map { .create(try new("h\($0)")) }, in: zone)
        let error = ProviderError.unauthorized("the token may not edit the zone example.test: it needs DNS:Edit")
        #expect(results.allSatisfy { $0 == .failure(error) })
        #expect(posts == ["batch"])
    }

    @Test(arguments: [Fault.Effect.html(status: 502), .lostAnswer, .truncated, .captivePortal])
    func `the result of a batch without an answer is unknown, so it is left to the next run`(
        effect: Fault.Effect
    ) async throws {
        fixture.emulator.faults.add(Fault(effect, method: "POST", times: 1))
        let changes = try (0..<20).map { RecordChange.create(try new("h\($0)")) }
        let results = await apply(changes)
        #expect(results.allSatisfy { if case .failure(.unavailable) = $0 { true } else { false } })
        #expect(posts == ["batch"])
        #expect(await apply(changes).allSatisfy { $0.isSuccess })
        #expect(standing.count == 20)
    }

    @Test func `an answer that shows something else is no confirmation of that change`() async throws {
        let record = { (name: String, content: String) in
            #"{"id":"\#(name)","type":"A","name":"\#(name).example.test","content":"\#(content)","comment":"landfall:default"}"#
        }
        let posts = [record("a", "85.214.1.2"), record("b", "85.214.1.9")].joined(separator: ",")
        let stub = try Scene { _ in
            .text(#"{"success":true,"errors":[],"result":{"posts":[\#(posts)],"deletes":null}}"#)
        }
        let gone = DNSRecord(id: "d", name: try DomainName("d.example.test"), kind: .a, content: "85.214.1.1")
        let results = await stub.provider.apply(
            [.create(try new("a")), .create(try new("b")), .create(try new("c")), .delete(gone)],
            in: zone
        )
        #expect(try results[0].get()?.content == "85.214.1.2")
        for result in results.dropFirst() {
            guard case .failure(let error) = result else {
                Issue.record("\(result)")
                continue
            }
            #expect(error.description.contains("could not confirm what was written"))
        }
    }

    @Test func `a change without an identifier is refused, the others are made`() async throws {
        let lost = DNSRecord(id: "../user", name: try DomainName("a.example.test"), kind: .a, content: "85.214.1.1")
        let results = await apply([.delete(lost), .create(try new("b")), .create(try new("c"))])
        #expect(results[0] == .failure(.rejected("the record has no identifier to change it by")))
        #expect(standing.count == 2)
        #expect(await apply([]).isEmpty)
    }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
