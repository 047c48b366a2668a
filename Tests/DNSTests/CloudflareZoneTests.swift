import DNS
import Emulators
import HTTPServer
import Model
import Ports
import Testing

/// What a zone is, and where it ends.
@Suite struct CloudflareZoneTests {
    private typealias State = CloudflareZone.State

    private static let states: [(words: String, change: @Sendable (inout CloudflareZone.State) -> Void)] = [
        (
            "as `pending`, so its records there are not served yet; name ada.ns.cloudflare.com and",
            { $0.status = "pending" }
        ),
        ("as `initializing`, so its records there are not served yet", { $0.status = "initializing" }),
        ("as `moved`, because the domain's registrar names other name servers", { $0.status = "moved" }),
        ("as `deactivated`, so it is not served", { $0.status = "deactivated" }),
        ("as `something new`, and serves active zones only", { $0.status = "something new" }),
        ("as paused; resume it", { $0.paused = true }),
        ("with the type `partial`, so another provider answers for the domain", { $0.type = "partial" }),
        ("with the type `secondary`, so it is a copy of the zone on its primary server", { $0.type = "secondary" }),
    ]

    @Test(arguments: states.indices)
    func `a zone that is not active and full is not served, which says why and what to do`(index: Int) async throws {
        let fixture = try CloudflareFixture()
        fixture.emulator.set("example.test", Self.states[index].change)
        let zone = try #require(try await fixture.provider().zones().first)
        let reason = try #require(zone.unservedReason)
        #expect(reason.hasPrefix("Cloudflare lists the zone example.test \(Self.states[index].words)"), "\(reason)")
        let directory = await ZoneDirectory.read(from: [fixture.provider()], allowed: nil)
        guard case .unserved(let entry, reason) = directory.find(try DomainName("www.example.test")) else {
            Issue.record("it is served")
            return
        }
        #expect(entry.zone == zone)
    }

    @Test func `an active, full zone is served, and so is one that does not say what it is`() async throws {
        let fixture = try CloudflareFixture()
        #expect(try await fixture.provider().zones().map(\.unservedReason) == [nil])
        let silent = try Scene { _ in
            .text(#"{"success":true,"result":[{"id":"1","name":"example.test"}],"result_info":{"total_count":1}}"#)
        }
        #expect(try await silent.provider.zones().map(\.unservedReason) == [nil])
    }

    @Test(arguments: [0, 1])
    func `of twins the one that is served is used`(first: Int) async throws {
        let zones = [
            #"{"id":"1","name":"example.test","status":"moved"}"#,
            #"{"id":"2","name":"example.test","status":"active"}"#,
        ]
        let list = "\(zones[first]),\(zones[1 - first])"
        let scene = try Scene { _ in .text(#"{"success":true,"result":[\#(list)],"result_info":{"total_count":2}}"#) }
        #expect(try await scene.provider.zones().map(\.id) == ["2"])
    }

    @Test func `a reading of a zone shows delegations, aliases of challenges, and how many records there are`()
        async throws
    {
        let fixture = try CloudflareFixture()
        try fixture.emulator.put(RecordDraft(name: "dev", type: "NS", content: "NS.Elsewhere.test"), in: "example.test")
        try fixture.emulator.put(RecordDraft(name: "@", type: "NS", content: "ns.elsewhere.test"), in: "example.test")
        let alias = RecordDraft(name: "_acme-challenge.www", type: "CNAME", content: "www.acme.example.net")
        try fixture.emulator.put(alias, in: "example.test")
        let contents = try await fixture.provider().read(try fixture.zone())
        #expect(contents.records.isEmpty && contents.count == 3)
        #expect(
            contents.cuts.delegation(of: "_acme-challenge.www.dev.example.test")?.description
                == "dev.example.test is delegated to ns.elsewhere.test"
        )
        #expect(contents.cuts.delegation(of: "dev.example.test") != nil)
        #expect(
            contents.cuts.delegation(of: "www.example.test") == nil
                && contents.cuts.delegation(of: "xdev.example.test") == nil
        )
        #expect(contents.cuts.alias(of: "_acme-challenge.www.example.test") == "www.acme.example.net")
    }

    @Test func `a refusal of a full zone stops what is new in one try, and nothing else`() async throws {
        let fixture = try CloudflareFixture()
        let (old, gone) = (
            try fixture.put("A", "old.example.test", "85.214.1.1"),
            try fixture.put("A", "gone.example.test", "85.214.1.1")
        )
        let alias = try fixture.put("CNAME", "b.example.test", "b.example.net")
        for number in 0..<4 { try fixture.put("TXT", "t\(number).example.test", "text") }
        fixture.emulator.set("example.test") { $0.recordLimit = 7 }
        let new = try (0..<36).map { number in
            RecordChange.create(
                DNSRecord(name: try DomainName("h\(number).example.test"), kind: .a, content: "85.214.1.2")
            )
        }
        let changed = DNSRecord(name: old.name, kind: .a, content: "85.214.1.2")
        let turned = DNSRecord(name: alias.name, kind: .a, content: "85.214.1.2")
        let results = await fixture.provider().apply(
            new + [.update(old, to: changed), .delete(alias), .create(turned), .delete(gone)],
            in: try fixture.zone()
        )
        #expect(results.prefix(36).allSatisfy { $0 == .failure(.full("Record quota exceeded. (81045)")) })
        for result in results.dropFirst(36) { _ = try result.get() }
        #expect(fixture.requests("POST").count == 2, "one that was refused, and one without what is new")
        #expect(fixture.emulator.records(in: "example.test").count == 6)
    }
}
