import DNS
import Model
import Ports
import Processes
import TestSupport
import Testing

/// lexicon, with its provider `powerdns` and a real PowerDNS.
@Suite(.limited(minutes: 3)) struct LexiconTests {
    private static let zone = "lab.example.org"

    private func provider(
        _ powerDNS: PowerDNS,
        _ lexicon: LexiconGeneration = .old,
        zones: [String] = [zone],
        changes: [String: String] = [:]
    ) throws -> LexiconProvider {
        let variables = powerDNS.variables.merging(changes) { $1 }
        // No list of public suffixes comes from the network.
        let none = ["https_proxy": "http://127.0.0.1:9", "HOME": "/nonexistent", "PATH": "/usr/bin:/bin"]
        return LexiconProvider(
            LexiconProvider.Settings(
                program: try powerDNS.wrapper(of: lexicon),
                provider: "powerdns",
                zones: try zones.map { try DomainName($0) },
                environment: variables.merging(none) { $1 },
                secrets: [Secret(PowerDNS.key), Secret("a wrong/key")],
                usualTTL: 300
            ),
            processes: SpawnRunner()
        )
    }

    private func zone(_ name: String = zone) throws -> Zone { Zone(name: try DomainName(name), id: name) }

    private func answers(_ name: String, _ kind: DNSQuestion.Kind, _ powerDNS: PowerDNS) async throws -> [String] {
        let server = try #require(DNSServer(powerDNS.address))
        let question = DNSQuestion(name, kind, recursionDesired: false)
        let answer = try await LDNSClient().query(question, at: server, for: .run)
        return answer.answers.filter { $0.name == name && $0.kind == kind }.map(\.content).sorted()
    }

    private func record(
        _ name: String,
        _ content: String = "192.0.2.1",
        _ kind: DNSRecord.Kind = .a,
        ttl: Int? = nil,
        comment: String? = "landfall:default"
    ) throws -> DNSRecord {
        DNSRecord(
            name: try DomainName("\(name).\(Self.zone)"),
            kind: kind,
            content: content,
            ttl: ttl,
            comment: comment
        )
    }

    /// With every step that Landfall has lexicon make, beside the record of somebody else.
    @Test(arguments: LexiconGeneration.allCases) func `a record's life`(lexicon: LexiconGeneration) async throws {
        try lexicon.require()
        let powerDNS = try PowerDNS(Self.zone)
        try await powerDNS.run {
            try await powerDNS.set("www.lab.example.org", "A", ["198.51.100.7"], ttl: 77, in: Self.zone)
            let (provider, zone) = (try provider(powerDNS, lexicon), try zone())
            let made = try await provider.create(try record("www"), in: zone)
            #expect(made.ttl == 77 && made.comment == "landfall:default")
            #expect(try await answers("www.lab.example.org", .a, powerDNS) == ["192.0.2.1", "198.51.100.7"])
            #expect(try await answers("_landfall.www.lab.example.org", .txt, powerDNS) == ["landfall:default A"])

            let moved = try record("www", "192.0.2.2", comment: nil)
            let updated = try await provider.update(made, to: moved, in: zone)
            #expect(updated.content == "192.0.2.2" && updated.ttl == 77 && updated.comment == "landfall:default")
            #expect(try await answers("www.lab.example.org", .a, powerDNS) == ["192.0.2.2", "198.51.100.7"])

            try await powerDNS.set("www.lab.example.org", "A", ["192.0.2.2"], in: Self.zone)
            let alias = try record("www", "ns.lab.example.org", .cname, ttl: 120, comment: nil)
            let turned = try await provider.update(updated, to: alias, in: zone)
            #expect(turned.kind == .cname && turned.ttl == 120 && turned.comment == "landfall:default")
            #expect(try await answers("www.lab.example.org", .cname, powerDNS) == ["ns.lab.example.org"])
            #expect(try await answers("_landfall.www.lab.example.org", .txt, powerDNS) == ["landfall:default CNAME"])

            try await provider.delete(turned, in: zone)
            try await provider.delete(turned, in: zone)
            #expect(try await provider.records(in: zone).map(\.name.text) == ["ns.lab.example.org"])
            #expect(try await answers("_landfall.www.lab.example.org", .txt, powerDNS).isEmpty)
        }
    }

    @Test(arguments: LexiconGeneration.allCases)
    func `challenges stand beside each other, and go one by one`(lexicon: LexiconGeneration) async throws {
        try lexicon.require()
        let powerDNS = try PowerDNS(Self.zone)
        try await powerDNS.run {
            let (provider, zone, name) = (
                try provider(powerDNS, lexicon), try zone(), "_acme-challenge.lab.example.org"
            )
            // At the same time, and one like an option.
            async let first = provider.publishChallenge("-first_value", at: name, in: zone)
            async let second = provider.publishChallenge("second-value", at: name, in: zone)
            let published = try await [first, second]
            #expect(try await answers(name, .txt, powerDNS) == ["-first_value", "second-value"])
            try await provider.removeChallenge(published[0], in: zone)
            #expect(try await answers(name, .txt, powerDNS) == ["second-value"])
            try await provider.removeChallenge(published[1], in: zone)
            try await provider.removeChallenge(published[1], in: zone)
            #expect(try await answers(name, .txt, powerDNS).isEmpty)
        }
    }

    @Test(arguments: LexiconGeneration.allCases)
    func `an error has lexicon's words, and no secret`(lexicon: LexiconGeneration) async throws {
        try lexicon.require()
        let powerDNS = try PowerDNS(Self.zone)
        try await powerDNS.run {
            let wrong = try provider(powerDNS, lexicon, changes: ["LEXICON_POWERDNS_AUTH_TOKEN": "a wrong/key"])
            guard
                case .unauthorized(let text)? = await failure({ () throws(ProviderError) in
                    try await wrong.records(in: Zone(name: wrong.zones()[0].name, id: "x"))
                })
            else {
                Issue.record("it was let in")
                return
            }
            #expect(text.hasPrefix("lexicon ended with status 1 on `list lab.example.org A`: "))
            #expect(text.contains("401 Client Error: Unauthorized") && text.hasSuffix("; see LEXICON_POWERDNS_AUTH_…"))

            let elsewhere = try provider(powerDNS, lexicon, zones: ["other.example.org"])
            let missing = await failure { () throws(ProviderError) in
                try await elsewhere.records(in: elsewhere.zones()[0])
            }
            #expect(missing?.description.contains("on `list other.example.org A`: ") == true)
            let gone = "http://127.0.0.1:9/\(PowerDNS.key)/?key=another-secret"
            let down = try provider(powerDNS, lexicon, changes: ["LEXICON_POWERDNS_PDNS_SERVER": gone])
            guard
                case .unavailable(let reason)? = await failure({ () throws(ProviderError) in
                    try await down.records(in: down.zones()[0])
                })
            else {
                Issue.record("it was there")
                return
            }
            #expect(!reason.contains(PowerDNS.key) && !reason.contains("another-secret"))
        }
    }
}
