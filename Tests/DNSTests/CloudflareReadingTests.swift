import DNS
import Emulators
import HTTPServer
import Model
import Ports
import Synchronization
import TestSupport
import Testing

@Suite struct CloudflareReadingTests {
    @Test func `both forms of credentials are understood`() async throws {
        let fixture = try CloudflareFixture()
        let zone = try fixture.zone()
        let servers = ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"]
        let expected = [Zone(name: zone.name, id: zone.id, nameServers: servers)]
        #expect(try await fixture.provider(CloudflareFixture.token).zones() == expected)
        #expect(try await fixture.provider(CloudflareFixture.key).zones() == expected)
        #expect(fixture.emulator.log.requests.map(\.authorization) == [.bearer, .key])
    }

    @Test func `all pages of zones are read`() async throws {
        let names = (0..<120).map { "zone-\($0).test" }
        let fixture = try CloudflareFixture(zones: names)
        #expect(Set(try await fixture.provider().zones().map(\.name.text)) == Set(names))
        // Three pages, and once more, for only then is it certain that none of them moved meanwhile.
        #expect(fixture.emulator.log.requests.count == 6)
    }

    @Test(arguments: [(100, 10), (5000, 1)])
    func `450 records are read whole, however long a page is`(perPage: Int, calls: Int) async throws {
        let fixture = try CloudflareFixture()
        for number in 0..<450 { try fixture.put("A", "h\(number).example.test", "85.214.1.\(number % 200)") }
        let records = try await fixture.provider(recordsPerPage: perPage).records(in: try fixture.zone())
        #expect(Set(records.map(\.name.text)) == Set((0..<450).map { "h\($0).example.test" }))
        #expect(fixture.emulator.log.requests.count == calls)
    }

    @Test func `an empty zone is empty, not unavailable`() async throws {
        let fixture = try CloudflareFixture()
        #expect(try await fixture.provider().records(in: try fixture.zone()).isEmpty)
    }

    @Test func `records come as they stand, and other kinds and names are left out`() async throws {
        let fixture = try CloudflareFixture()
        let address = try fixture.put("A", "www.example.test", "85.214.1.1", ttl: 300, comment: "by hand")
        let alias = try fixture.put("CNAME", "*.example.test", "www.example.test", proxied: true)
        try fixture.put("TXT", "example.test", "v=spf1 -all")
        try fixture.emulator.put(RecordDraft(name: "_dmarc", type: "TXT", content: "v=DMARC1"), in: "example.test")
        try fixture.emulator.put(
            RecordDraft(name: "k1._domainkey", type: "CNAME", content: "k1.example.net"),
            in: "example.test"
        )
        let records = try await fixture.provider().records(in: try fixture.zone())
        #expect(Set(records) == [address, alias])
    }

    @Test func `a read that fails in passing is asked once more`() async throws {
        let fixture = try CloudflareFixture()
        fixture.emulator.faults.add(Fault(.html(status: 502), times: 1))
        #expect(try await fixture.provider().zones().count == 1)
        #expect(fixture.emulator.log.requests.count == 2)
    }

    @Test func `a read that goes on failing is given up`() async throws {
        let fixture = try CloudflareFixture()
        fixture.emulator.faults.add(Fault(.html(status: 502)))
        let error = await failure { () async throws(ProviderError) in try await fixture.provider().zones() }
        #expect(error == .unavailable("cannot list zones now: answered 502"))
        #expect(fixture.emulator.log.requests.count == 2)
    }

    @Test func `a short rest that the API asks for is taken`() async throws {
        let fixture = try CloudflareFixture()
        fixture.emulator.faults.add(Fault(.error(status: 429, code: 971, message: "slow down"), times: 1))
        let clock = TestClock()
        async let zones = fixture.provider(clock: clock).zones()
        await clock.sleepers(1)
        #expect(fixture.emulator.log.requests.count == 1)
        clock.advance(by: .seconds(1))
        #expect(try await zones.count == 1)
    }

    @Test func `a long rest is left to the next run`() async throws {
        let fixture = try CloudflareFixture()
        fixture.emulator.settings.rate = CloudflareRate(requests: 0, seconds: 300)
        let provider = fixture.provider(clock: TestClock())
        let error = await failure { () async throws(ProviderError) in try await provider.zones() }
        let text = "cannot list zones now: answered 429, too many requests; nothing is sent before 02:09 UTC"
        #expect(error == .unavailable(text))
        #expect(fixture.emulator.log.requests.count == 1)
    }

    @Test func `a slow server is not asked again`() async throws {
        let transport = DeafTransport(.timedOut(after: .seconds(15)))
        let provider = CloudflareProvider(CloudflareFixture.token, transport: transport)
        let error = await failure { () async throws(ProviderError) in try await provider.zones() }
        #expect(error == .unavailable("cannot list zones now: no answer within 15 s"))
        #expect(transport.sent.count == 1)
    }

    @Test func `a captive portal is no answer`() async throws {
        let fixture = try CloudflareFixture()
        fixture.emulator.faults.add(Fault(.captivePortal))
        let error = await failure { () async throws(ProviderError) in try await fixture.provider().zones() }
        let text = "cannot list zones now: answered 200 with what is not its JSON: <!DOCTYPE html>"
        #expect(error?.description.hasPrefix(text) == true)
    }

    @Test func `a redirect is no answer`() async throws {
        let fixture = try CloudflareFixture()
        fixture.emulator.faults.add(Fault(.redirect(to: "http://127.0.0.1:1/login")))
        let error = await failure { () async throws(ProviderError) in try await fixture.provider().zones() }
        #expect(error == .unavailable("cannot list zones now: answered 302, a redirect, which the API never does"))
    }

    @Test(arguments: [
        // The second page is missing, comes empty, brings the first one again, or brings too much.
        #"<html>502</html>"#, page(1..<1), page(1..<3), page(3..<6),
        #"{"success":true,"errors":[],"result":[],"result_info":null}"#,
    ])
    func `a list is read whole or not at all`(second: String) async throws {
        let stub = try Scene { request in
            .text(request.query["page"] == "1" ? Self.page(1..<3) : second)
        }
        let error = await failure { () async throws(ProviderError) in try await stub.provider.zones() }
        guard case .unavailable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        Fault.Effect.page(.short(by: 1)), .page(.repeated), .page(.totals(count: 449, pages: 5)),
        .page(.totals(count: 50, pages: 1)), .page(.totals(count: 5000, pages: 50)), .truncated, .reset,
        .html(status: 502), .captivePortal, .text("{}"), .error(status: 500, code: 1, message: "x"),
        .error(status: 429, code: 971, message: "x", retryAfter: 300),
    ])
    func `a page that is not what it should be makes the records unavailable`(effect: Fault.Effect) async throws {
        let fixture = try CloudflareFixture()
        for number in 0..<450 { try fixture.put("A", "h\(number).example.test", "85.214.1.1") }
        for after in [0, 2, 4] {
            fixture.emulator.faults.clear()
            fixture.emulator.faults.add(Fault(effect, after: after))
            let provider = fixture.provider(recordsPerPage: 100)
            let zone = try fixture.zone()
            let error = await failure { () async throws(ProviderError) in try await provider.records(in: zone) }
            guard case .unavailable = error else {
                Issue.record("\(effect) after \(after): \(String(describing: error))")
                continue
            }
        }
        // A list is read four times at most.
        #expect(fixture.emulator.log.requests.count <= 3 * 4 * 5)
    }

    @Test func `an answer that is late is an answer`() async throws {
        let fixture = try CloudflareFixture()
        fixture.emulator.faults.add(Fault(.slow(.milliseconds(20))))
        #expect(try await fixture.provider().zones().count == 1)
    }

    @Test(arguments: [1, 3, 5, 7, 9])
    func `records that move from page to page while they are read are all read`(moment: Int) async throws {
        let emulator = CloudflareEmulator(zones: ["example.test"], credentials: [.token(Secret("good-token"))])
        var identifiers: [String] = []
        for number in 0..<450 {
            let draft = RecordDraft(name: "h\(number)", type: "A", content: "85.214.1.1")
            identifiers.append(try emulator.put(draft, in: "example.test").id)
        }
        let calls = Mutex(0)
        let first = identifiers[0]
        let stub = try Scene { request in
            let answer = await emulator.handler(request)
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            // One goes and one comes: the total says nothing of it.
            if call == moment {
                _ = try? emulator.remove(first, in: "example.test")
                _ = try? emulator.put(RecordDraft(name: "new", type: "A", content: "85.214.1.1"), in: "example.test")
            }
            return answer
        }
        let provider = stub.provider(path: CloudflareEmulator.basePath, recordsPerPage: 100)
        let zone = try #require(try await provider.zones().first)
        calls.withLock { $0 = 0 }
        let names = Set(try await provider.records(in: zone).map(\.name.text))
        #expect(names.isSuperset(of: (1..<450).map { "h\($0).example.test" }))
    }

    @Test func `a list that changes between its pages is read once more`() async throws {
        let calls = Mutex(0)
        let stub = try Scene { request in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            return .text(request.query["page"] == "1" ? Self.page(1..<3) : Self.page(call > 2 ? 3..<5 : 2..<4))
        }
        #expect(try await stub.provider.zones().count == 4)
        #expect(calls.withLock { $0 } == 6)
    }

    /// Zones of these numbers, of four in all.
    private static func page(_ numbers: Range<Int>) -> String {
        let zones = numbers.map { #"{"id":"z\#($0)","name":"z\#($0).test","status":"active"}"# }.joined(separator: ",")
        let info = #"{"total_count":4,"per_page":2}"#
        return #"{"success":true,"errors":[],"result":[\#(zones)],"result_info":\#(info)}"#
    }
}
