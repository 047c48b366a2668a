import DNS
import Emulators
import HTTPServer
import Model
import Ports
import Records
import Report
import Testing
import Transport

/// The stage, the provider and the API together, over a real socket.
@Suite struct RecordsAtCloudflareTests {
    private let emulator: CloudflareEmulator
    private let server: HTTPServer
    private let provider: CloudflareProvider
    private let stage = RecordStage(policy: RecordPolicy(instance: "default", defaultProxied: true, mode: .upsert))
    private let addresses = PublicAddresses(v4: IPAddress("85.214.132.117").map { .known($0) }, v6: nil)

    init() throws {
        emulator = CloudflareEmulator(zones: ["one.test", "two.test"], credentials: [.token(Secret("good-token"))])
        server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), handler: emulator.handler)
        provider = CloudflareProvider(
            .token(Secret("good-token")),
            url: "http://127.0.0.1:\(server.port)\(CloudflareEmulator.basePath)",
            transport: CurlTransport(.init(userAgent: "landfall-tests"))
        )
    }

    /// - Parameter full: what an earlier run has learnt.
    private func run(_ names: [String], full: FullZones = FullZones()) async throws -> [String: Outcome] {
        let hosts = try names.map {
            DesiredHost(name: try DomainName($0), origin: Origin(kind: .service, id: $0, name: $0))
        }
        let directory = await ZoneDirectory.read(from: [provider], allowed: nil, full: full)
        let plan = await stage.plan(DesiredState(hosts, addresses: addresses), zones: directory)
        let results = await stage.apply(plan) { _ in }
        withExtendedLifetime(server) {}
        return Dictionary(uniqueKeysWithValues: results.map { ($0.host.text, $0.outcome) })
    }

    private func contents(_ zone: String) -> [String: String] {
        Dictionary(uniqueKeysWithValues: emulator.records(in: zone).map { ($0.name, $0.content) })
    }

    @Test func `a first run creates, a second one only reads`() async throws {
        let names = ["a.one.test", "*.one.test", "one.test", "a.two.test"]
        let first = try await run(names)
        #expect(first.values.allSatisfy { $0 == .changed("created A 85.214.132.117") })
        #expect(contents("one.test").keys.sorted() == ["*.one.test", "a.one.test", "one.test"])
        emulator.log.clear()
        #expect(try await run(names).values.allSatisfy { $0 == .unchanged })
        // The zones, and the records of each.
        #expect(emulator.log.requests.map(\.method) == ["GET", "GET", "GET"])
    }

    private var posts: Int { emulator.log.requests.count { $0.method == "POST" } }

    @Test(arguments: [true, false])
    func `a full zone is tried once in a run, or not at all if the API tells that it is full`(tells: Bool) async throws
    {
        emulator.set("one.test") { ($0.recordLimit, $0.tellsUsage) = (2, tells) }
        for name in ["x", "y"] {
            try emulator.put(RecordDraft(name: name, type: "TXT", content: "text"), in: "one.test")
        }
        let (names, full) = (["a.one.test", "b.one.test", "c.one.test", "a.two.test"], FullZones())
        let first = try await run(names, full: full)
        let reason =
            "the zone one.test is full: Cloudflare says `Record quota exceeded. (81045)`; delete records there that "
            + "are no longer needed, or choose a larger plan"
        #expect(names.prefix(3).allSatisfy { first[$0] == .failed(reason) })
        #expect(first["a.two.test"] == .changed("created A 85.214.132.117"), "another zone's room does not matter")
        #expect(posts == 2)
        emulator.log.clear()
        // What one process has learnt another one knows.
        let known = FullZones(full.entries)
        #expect(try await run(names, full: known)["b.one.test"] == .failed(reason))
        #expect(posts == (tells ? 0 : 1))
        #expect(known.usage(of: try DomainName("one.test"))?.amount == (tells ? "2 of 2 records" : "2 records"))
    }

    @Test func `a zone that has room for some of what is new takes those, and all once it has room for all`()
        async throws
    {
        emulator.set("one.test") { $0.recordLimit = 3 }
        for name in ["x", "y"] {
            try emulator.put(RecordDraft(name: name, type: "TXT", content: "text"), in: "one.test")
        }
        let (names, full) = (["a.one.test", "b.one.test", "c.one.test"], FullZones())
        #expect(try await run(names, full: full).values.allSatisfy { $0.word == "failed" })
        #expect(try await run(names, full: full).values.map(\.word).sorted() == ["changed", "failed", "failed"])
        emulator.set("one.test") { $0.recordLimit = 5 }
        #expect(try await run(names, full: full).values.map(\.word).sorted() == ["changed", "changed", "unchanged"])
    }

    @Test func `a record that was deleted makes room, although the API does not tell`() async throws {
        emulator.set("one.test") { ($0.recordLimit, $0.tellsUsage) = (1, false) }
        let other = try emulator.put(RecordDraft(name: "x", type: "TXT", content: "text"), in: "one.test")
        let full = FullZones()
        #expect(try await run(["a.one.test"], full: full)["a.one.test"]?.word == "failed")
        try emulator.remove(other.id, in: "one.test")
        #expect(try await run(["a.one.test"], full: full)["a.one.test"]?.word == "changed")
        #expect(full.entries.isEmpty)
    }

    @Test func `a proxied record becomes private and not proxied in one write`() async throws {
        let draft = RecordDraft(name: "a", type: "A", content: "85.214.1.1", proxied: true, comment: "landfall:default")
        try emulator.put(draft, in: "one.test")
        let origin = Origin(kind: .service, id: "a", name: "a")
        let address = try #require(IPAddress("10.0.0.7"))
        let host = DesiredHost(name: try DomainName("a.one.test"), origin: origin, target: .address(address))
        let directory = await ZoneDirectory.read(from: [provider], allowed: nil)
        let plan = await stage.plan(DesiredState([host], addresses: addresses), zones: directory)
        let outcomes = await stage.apply(plan) { _ in }.map(\.outcome)
        #expect(outcomes == [.changed("updated A 10.0.0.7, was A 85.214.1.1; not proxied")])
        #expect(emulator.records(in: "one.test").map(\.proxied) == [false])
        #expect(emulator.log.requests.count { $0.method == "PATCH" } == 1)
    }

    @Test func `a stale record is changed in its place, beside 450 others`() async throws {
        for number in 0..<450 {
            try emulator.put(
                RecordDraft(name: "h\(number)", type: "A", content: "85.214.1.1", comment: "landfall:default"),
                in: "one.test"
            )
        }
        #expect(try await run(["h449.one.test"])["h449.one.test"]?.word == "changed")
        #expect(emulator.records(in: "one.test").count == 450)
        #expect(contents("one.test")["h449.one.test"] == "85.214.132.117")
    }

    @Test func `a zone that cannot be read whole is not written, another one is`() async throws {
        let zone = try #require(emulator.zones.first { $0.name == "one.test" })
        try emulator.put(
            RecordDraft(name: "a", type: "A", content: "85.214.1.1", comment: "landfall:default"),
            in: "one.test"
        )
        emulator.faults.add(Fault(.html(status: 502), path: "\(zone.id)/dns_records"))
        let outcomes = try await run(["a.one.test", "b.one.test", "a.two.test"])
        #expect(outcomes["a.one.test"]?.word == "failed" && outcomes["b.one.test"]?.word == "failed")
        #expect(outcomes["a.two.test"] == .changed("created A 85.214.132.117"))
        #expect(contents("one.test") == ["a.one.test": "85.214.1.1"])
    }

    @Test func `one bad host holds up no other`() async throws {
        emulator.faults.add(
            Fault(.error(status: 400, code: 1004, message: "DNS Validation Error"), method: "POST", host: "b.one.test")
        )
        let outcomes = try await run(["a.one.test", "b.one.test", "c.one.test"])
        #expect(outcomes["b.one.test"]?.word == "failed")
        #expect(contents("one.test").keys.sorted() == ["a.one.test", "c.one.test"])
    }

    @Test func `a write whose answer was lost is found done by the next run`() async throws {
        emulator.faults.add(Fault(.lostAnswer, method: "POST", times: 1))
        #expect(try await run(["a.one.test"])["a.one.test"]?.word == "failed")
        #expect(try await run(["a.one.test"])["a.one.test"] == .unchanged)
        #expect(emulator.records(in: "one.test").count == 1)
    }
}
