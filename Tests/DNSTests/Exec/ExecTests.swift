import DNS
import Model
import Ports
import Processes
import TestSupport
import Testing

@Suite(.limited(minutes: 2)) struct ExecTests {
    private func record(_ name: String, _ kind: DNSRecord.Kind, _ content: String) throws -> DNSRecord {
        DNSRecord(name: try DomainName(name), kind: kind, content: content, comment: "landfall:default")
    }

    @Test func `a record's life at a program of the user's`() async throws {
        let fixture = try ExecFixture()
        let (provider, zone) = (fixture.provider, fixture.zone)
        #expect(try await provider.zones() == [zone])
        let made = try await provider.create(try record("www.example.test", .a, "192.0.2.1"), in: zone)
        #expect(made.id == "1" && made.ttl == 300 && made.comment == "landfall:default")
        let alias = DNSRecord(name: made.name, kind: .cname, content: "other.example.net", ttl: 60)
        let updated = try await provider.update(made, to: alias, in: zone)
        #expect(updated.id == "1" && updated.kind == .cname && updated.comment == "landfall:default")
        #expect(try await provider.records(in: zone) == [updated])
        try await provider.delete(updated, in: zone)
        try await provider.delete(updated, in: zone)
        #expect(try await provider.records(in: zone).isEmpty)
    }

    @Test func `what one change is refused holds no other, and all are one call`() async throws {
        let fixture = try ExecFixture()
        let (provider, zone) = (fixture.provider, fixture.zone)
        _ = try await provider.create(try record("alias.example.test", .cname, "a.example.net"), in: zone)
        let before = fixture.runs.all.count
        let results = await provider.apply(
            try ["a.example.test", "alias.example.test", "b.example.test"].map {
                .create(try record($0, .a, "192.0.2.1"))
            },
            in: zone
        )
        #expect(fixture.runs.all.count == before + 1)
        #expect(results.map { (try? $0.get()) != nil } == [true, false, true])
        let reason = ProviderError.rejected("alias.example.test already has CNAME a.example.net")
        #expect(throws: reason) { try results[1].get() }
    }

    @Test func `challenges stand beside each other`() async throws {
        let fixture = try ExecFixture()
        let (provider, zone) = (fixture.provider, fixture.zone)
        let name = "_acme-challenge.www.example.test"
        let first = try await provider.publishChallenge("first", at: name, in: zone)
        _ = try await provider.publishChallenge("second", at: name, in: zone)
        try await provider.removeChallenge(first, in: zone)
        let kept = try fixture.kept()
        #expect(!kept.contains("first") && kept.contains("second"))
        // They are no host's records.
        #expect(try await provider.records(in: zone).isEmpty)
    }

    @Test func `its NS records and the aliases of challenges tell where the zone ends, and it may be full`()
        async throws
    {
        let records =
            #"{"name":"dev.example.test","type":"NS","content":"ns.elsewhere.test."},"#
            + #"{"name":"_acme-challenge.www.example.test","type":"CNAME","content":"www.acme.example.net"}"#
        let script =
            #"if [ "$1" = records ]; then echo '{"records":[\#(records)]}'; "#
            + #"else echo '{"error":"no more records","kind":"full"}'; fi"#
        let fixture = try ExecFixture(script: script)
        let contents = try await fixture.provider.read(fixture.zone)
        #expect(contents.records.isEmpty)
        #expect(contents.cuts.delegation(of: "www.dev.example.test")?.servers == ["ns.elsewhere.test"])
        #expect(contents.cuts.alias(of: "_acme-challenge.www.example.test") == "www.acme.example.net")
        let new = DNSRecord(name: try DomainName("a.example.test"), kind: .a, content: "192.0.2.1")
        #expect(await fixture.provider.apply([.create(new)], in: fixture.zone) == [.failure(.full("no more records"))])
    }

    @Test func `it gets operation and zone as arguments, and only the given environment`() async throws {
        let fixture = try ExecFixture()
        _ = try await fixture.provider.records(in: fixture.zone)
        let request = try #require(fixture.runs.all.first)
        #expect(request.arguments == [fixture.program, "records", "example.test"])
        let asked = #"{"operation":"records","version":1,"zone":{"id":"example.test","name":"example.test"}}"#
        #expect(request.input.map { String(decoding: $0, as: UTF8.self) } == asked)
        #expect(ExecProvider.isRead(request, by: fixture.program))
        #expect(!ExecProvider.isRead(request, by: "/usr/bin/other"))
        var other = request
        other.arguments[1] = "apply"
        #expect(!ExecProvider.isRead(other, by: fixture.program))
    }

    @Test func `it is asked in the words of the documentation`() async throws {
        let fixture = try ExecFixture(#"{"example.org": []}"#)
        let provider = fixture.provider
        let zone = try #require(try await provider.zones().first)
        let made = try await provider.create(try record("www.example.org", .a, "203.0.113.7"), in: zone)
        #expect(try await provider.records(in: zone) == [made])
        let name = "_acme-challenge.www.example.org"
        let challenge = try await provider.publishChallenge("abc", at: name, in: zone)
        try await provider.removeChallenge(challenge, in: zone)
        let documentation = try ExecFixture.documentation()
        let questions = fixture.runs.all.map { String(decoding: $0.input ?? [], as: UTF8.self) }
        #expect(questions.count == 5)
        for question in questions { #expect(documentation.contains(question), "\(question)") }
    }

    @Test(arguments: [
        ("echo no such luck >&2; exit 3", "it ended with status 3 on `zones`: no such luck"),
        ("kill -9 $$", "it was ended by signal 9 on `zones`"),
        ("echo hello", "its answer to `zones` is not as agreed: `hello "),
        (#"echo '{"zones":[{"name":"no_zone"}]}'"#, "it names `no_zone`, which is no zone"),
        (#"echo '{"error":"the token is wrong","kind":"unauthorized"}'"#, "the token is wrong"),
        ("head -c 20000000 /dev/zero", "it wrote more than 16 MiB on `zones`"),
    ])
    func `a program that does not do as agreed`(script: String, complaint: String) async throws {
        let fixture = try ExecFixture(script: script)
        let error = await failure { () throws(ProviderError) in try await fixture.provider.zones() }
        #expect(error?.description.hasPrefix(complaint) == true, "\(error?.description ?? "")")
    }

    @Test func `a program that is not there`() async throws {
        let provider = ExecProvider("/no/such/program", environment: [:], processes: SpawnRunner())
        let error = await failure { () throws(ProviderError) in try await provider.zones() }
        #expect(error == .unavailable("/no/such/program is not installed, or not on the PATH"))
    }

    @Test(arguments: [
        (#"echo '{"results":[]}'"#, "could not confirm what was written: 0 results for 1 changes"),
        (
            #"echo '{"results":[{"record":{"name":"www.example.test","type":"A","content":"192.0.2.9"}}]}'"#,
            "could not confirm what was written: the answer shows another record"
        ),
        ("exit 1", "it ended with status 1 on `apply`; could not confirm what was written"),
    ])
    func `what the answer does not show does not count as written`(script: String, complaint: String) async throws {
        let fixture = try ExecFixture(script: script)
        let record = try record("www.example.test", .a, "192.0.2.1")
        let error = await failure { () throws(ProviderError) in
            try await fixture.provider.create(record, in: fixture.zone)
        }
        #expect(error == .unavailable(complaint))
    }
}
