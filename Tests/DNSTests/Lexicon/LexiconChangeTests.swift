import DNS
import Model
import Ports
import Testing

/// What lexicon is asked to do for a change, and what is made of its answers.
@Suite struct LexiconChangeTests {
    private typealias Listed = StubLexicon.StubRecord

    private func provider(_ lexicon: any ProcessRunner) throws -> LexiconProvider {
        let settings = LexiconProvider.Settings(
            program: "lexicon",
            provider: "hetzner",
            zones: [try DomainName("example.org")],
            environment: [:],
            secrets: [],
            usualTTL: 300
        )
        return LexiconProvider(settings, processes: lexicon)
    }

    private func zone() throws -> Zone { Zone(name: try DomainName("example.org"), id: "") }

    private func record(
        _ content: String = "192.0.2.1",
        _ name: String = "www.example.org",
        kind: DNSRecord.Kind = .a,
        ttl: Int? = nil,
        comment: String? = "landfall:default"
    ) throws -> DNSRecord {
        DNSRecord(name: try DomainName(name), kind: kind, content: content, ttl: ttl, comment: comment)
    }

    @Test func `a record gets its mark after it, and loses it before it goes`() async throws {
        let lexicon = StubLexicon()
        let (provider, zone) = (try provider(lexicon), try zone())
        let made = try #require(try await provider.apply([.create(record())], in: zone).first?.get())
        #expect(made.ttl == 300 && made.comment == "landfall:default")
        _ = await provider.apply([.delete(made)], in: zone)
        #expect(
            lexicon.writes == [
                "create A www.example.org 192.0.2.1", "create TXT _landfall.www.example.org landfall:default A",
                "delete TXT _landfall.www.example.org landfall:default A", "delete A www.example.org 192.0.2.1",
            ]
        )
        #expect(lexicon.records.isEmpty)
    }

    /// A provider may replace all records of a name by an update, or know no key of a record.
    @Test func `a new address comes before the old one goes, and what others have at the name stays`() async throws {
        let lexicon = StubLexicon([
            Listed(kind: "A", name: "www.example.org", content: "192.0.2.1", ttl: 77),
            Listed(kind: "A", name: "www.example.org", content: "198.51.100.7", ttl: 77),
            Listed(kind: "AAAA", name: "www.example.org", content: "2001:db8::1", ttl: 77),
            Listed(kind: "TXT", name: "_landfall.www.example.org", content: "landfall:other AAAA", ttl: 77),
        ])
        let (provider, zone) = (try provider(lexicon), try zone())
        let old = try #require(try await provider.records(in: zone).first)
        #expect(old.ttl == 77 && old.comment == nil)
        let results = await provider.apply([.update(old, to: try record("192.0.2.2", comment: nil))], in: zone)
        let new = try #require(try results.first?.get())
        #expect(new.content == "192.0.2.2" && new.ttl == 77 && new.comment == nil)
        #expect(
            lexicon.writes == ["create A www.example.org 192.0.2.2", "delete A www.example.org 192.0.2.1"]
        )
        #expect(
            lexicon.records == [
                "A www.example.org 192.0.2.2", "A www.example.org 198.51.100.7", "AAAA www.example.org 2001:db8::1",
                "TXT _landfall.www.example.org landfall:other AAAA",
            ]
        )
    }

    @Test func `an alias goes before another one comes, and a record takes its mark along`() async throws {
        let lexicon = StubLexicon([
            Listed(kind: "CNAME", name: "www.example.org", content: "a.example.net.", ttl: 60),
            Listed(kind: "TXT", name: "_landfall.www.example.org", content: "landfall:default CNAME", ttl: 60),
        ])
        let (provider, zone) = (try provider(lexicon), try zone())
        let old = try #require(try await provider.records(in: zone).first)
        let other = try record("b.example.net", kind: .cname)
        let alias = try #require(try await provider.apply([.update(old, to: other)], in: zone).first?.get())
        #expect(alias.comment == "landfall:default")
        let address = try await provider.apply([.update(alias, to: record())], in: zone).first?.get()
        #expect(address?.comment == "landfall:default")
        #expect(
            lexicon.writes == [
                "delete CNAME www.example.org a.example.net.", "create CNAME www.example.org b.example.net",
                "delete TXT _landfall.www.example.org landfall:default CNAME",
                "delete CNAME www.example.org b.example.net", "create A www.example.org 192.0.2.1",
                "create TXT _landfall.www.example.org landfall:default A",
            ]
        )
    }

    @Test(arguments: ["@.example.org", "@", ".example.org", "Example.ORG."])
    func `the zone itself is known in whatever form it is listed`(form: String) async throws {
        let listed = Listed(kind: "A", name: "example.org", content: "192.0.2.1", ttl: 60)
        let lexicon = StubLexicon([listed], .init(name: { _ in form }))
        #expect(try await provider(lexicon).records(in: zone()).map(\.name.text) == ["example.org"])
    }

    @Test func `a wildcard is known in the form of zone files`() async throws {
        let listed = Listed(kind: "A", name: "*.example.org", content: "192.0.2.1", ttl: 60)
        let lexicon = StubLexicon([listed], .init(name: { $0.replacing("*", with: "\\\\052") }))
        #expect(try await provider(lexicon).records(in: zone()).map(\.name.text) == ["*.example.org"])
    }

    @Test func `what lexicon made instead is told, and taken away again`() async throws {
        let lexicon = StubLexicon(
            [],
            .init(keep: { $0.kind == "CNAME" ? $0.changed { $0.content += ".example.org." } : $0 })
        )
        let change = RecordChange.create(try record("shop.example.net", kind: .cname))
        let text = "lexicon says that it is written, but the zone shows CNAME shop.example.net.example.org."
        #expect(try await provider(lexicon).apply([change], in: zone()) == [.failure(.unavailable(text))])
        #expect(lexicon.records.isEmpty)
    }

    @Test func `an alias that somebody else was faster to make stays`() async throws {
        let lexicon = StubLexicon(
            [Listed(kind: "CNAME", name: "www.example.org", content: "theirs.example.net", ttl: 60)],
            .init(keep: { $0.kind == "CNAME" ? nil : $0 })
        )
        let change = RecordChange.create(try record("ours.example.net", kind: .cname))
        let text = "lexicon says that it is written, but the zone shows CNAME theirs.example.net"
        #expect(try await provider(lexicon).apply([change], in: zone()) == [.failure(.unavailable(text))])
        #expect(lexicon.records == ["CNAME www.example.org theirs.example.net"])
    }

    @Test func `a TTL that the provider does not keep is told, and is not tried again and again`() async throws {
        let lexicon = StubLexicon([], .init(keep: { $0.changed { $0.ttl = 600 } }))
        let (provider, zone) = (try provider(lexicon), try zone())
        let reason = ProviderError.rejected("hetzner keeps a TTL of 600 instead of 60; change landfall.dns.ttl")
        #expect(await provider.apply([.create(try record(ttl: 60))], in: zone) == [.failure(reason)])
        let there = try #require(try await provider.records(in: zone).first)
        let count = lexicon.calls.count
        let again = await provider.apply([.update(there, to: try record(ttl: 60))], in: zone)
        #expect(again == [.failure(reason)] && lexicon.calls.count == count)
        // Without a label any TTL will do.
        let unlisted = StubLexicon([], .init(listsTTL: false))
        let made = try await self.provider(unlisted).apply([.create(record(ttl: 60))], in: zone).first?.get()
        #expect(made?.content == "192.0.2.1" && made?.ttl == nil)
    }

    @Test func `a TTL that changes alone is written, and the mark stays`() async throws {
        let lexicon = StubLexicon()
        let (provider, zone) = (try provider(lexicon), try zone())
        let made = try #require(try await provider.apply([.create(record())], in: zone).first?.get())
        let changed = try await provider.apply([.update(made, to: record(ttl: 60, comment: nil))], in: zone).first?
            .get()
        #expect(changed?.ttl == 60 && changed?.comment == "landfall:default")
    }

    @Test func `one record that is refused holds no other back, and nothing is left of it`() async throws {
        let error = "requests.exceptions.HTTPError: 422 Client Error: Unprocessable Entity for url: https://x.test/"
        let lexicon = StubLexicon(
            [],
            .init(failure: { call in
                call[6] == "create" && call.contains("--name=_landfall.b.example.org")
                    ? (.exited(1), error + "?key=secret") : nil
            })
        )
        let changes: [RecordChange] = ["a", "b", "c"].compactMap { name in
            (try? record("192.0.2.1", "\(name).example.org")).map { .create($0) }
        }
        let results = try await provider(lexicon).apply(changes, in: zone())
        #expect(try results[0].get()?.name.text == "a.example.org" && results[2].get()?.name.text == "c.example.org")
        let reason = "lexicon ended with status 1 on `create example.org TXT`: \(error)"
        #expect(results[1] == .failure(.rejected(reason)))
        #expect(!lexicon.records.contains { $0.contains("b.example.org") })
    }

    @Test(arguments: [
        (ProcessResult.End.timedOut, "", ["create", "list"], 1),
        (.exited(1), "x: 429 Client Error: Too Many Requests for url: y", ["create", "list"], 1),
        // It is about each record.
        (.exited(1), "Exception: no", ["create"], 50),
    ])
    func `a provider that does not answer does not hold up a run for each of many names`(
        end: ProcessResult.End,
        line: String,
        failing: [String],
        tried: Int
    ) async throws {
        let lexicon = StubLexicon([], .init(failure: { failing.contains($0[6]) ? (end, line) : nil }))
        let changes: [RecordChange] = (1...50).compactMap { number in
            (try? record("192.0.2.1", "n\(number).example.org")).map { .create($0) }
        }
        let results = try await provider(lexicon).apply(changes, in: zone())
        #expect(results.count == 50 && results.allSatisfy { (try? $0.get()) == nil })
        #expect(lexicon.writes.count == tried)
    }

    @Test func `many names of one address cost two calls each, and two looks in all`() async throws {
        let lexicon = StubLexicon()
        let (provider, zone) = (try provider(lexicon), try zone())
        let records = try (1...50).map { try record("192.0.2.1", "n\($0).example.org") }
        let made = await provider.apply(records.map { .create($0) }, in: zone).compactMap { try? $0.get() }
        #expect(made.count == 50 && lexicon.calls.count == 102)
        let moves = try made.map { RecordChange.update($0, to: try record("192.0.2.2", $0.name.text, comment: nil)) }
        let moved = await provider.apply(moves, in: zone).compactMap { try? $0.get()?.content }
        #expect(moved == [String](repeating: "192.0.2.2", count: 50) && lexicon.calls.count == 204)
    }

    @Test func `lexicon is asked in a form in which nothing is taken for an option or a file`() async throws {
        let lexicon = StubLexicon()
        let (provider, zone) = (try provider(lexicon), try zone())
        _ = try await provider.publishChallenge("-value", at: "_acme-challenge.example.org", in: zone)
        #expect(
            lexicon.calls == [
                [
                    "lexicon", "--delegated", "example.org", "--config-dir", "/", "hetzner", "create", "example.org",
                    "TXT",
                    "--output=JSON", "--log_level=CRITICAL", "--name=_acme-challenge.example.org", "--content=-value",
                    "--ttl=300",
                ]
            ]
        )
        let requests = lexicon.calls.map { ProcessRequest($0, environment: [:], timeLimit: .seconds(1)) }
        #expect(!requests.contains { LexiconProvider.isRead($0, by: "lexicon") })
    }

    @Test func `a lexicon that is not there is named, with what helps`() async throws {
        let reason = "lexicon is not installed, or not on the PATH; install it, or set LEXICON_PROGRAM"
        let (provider, zone) = (try provider(MissingProcesses()), try zone())
        await #expect(throws: ProviderError.unavailable(reason)) { try await provider.records(in: zone) }
    }
}

private struct MissingProcesses: ProcessRunner {
    func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        throw .notFound(request.arguments[0])
    }
}
