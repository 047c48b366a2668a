import DNS
import Emulators
import HTTPServer
import Model
import Synchronization
import TestSupport
import Testing
import Timing
import Transport

@Suite struct CloudflareReadingTests {
    @Test func `both forms of credentials are understood`() async throws {
        let stand = try CloudflareStand()
        let expected = [try stand.zone()]
        #expect(try await stand.provider(CloudflareStand.token).zones() == expected)
        #expect(try await stand.provider(CloudflareStand.key).zones() == expected)
        #expect(stand.emulator.log.requests.map(\.authorization) == [.bearer, .key])
    }

    @Test func `all pages of zones are read`() async throws {
        let names = (0..<120).map { "zone-\($0).test" }
        let stand = try CloudflareStand(zones: names)
        #expect(Set(try await stand.provider().zones().map(\.name.text)) == Set(names))
        #expect(stand.emulator.log.requests.count == 3)
    }

    @Test(arguments: [(100, 5), (5000, 1)])
    func `450 records are read whole, however long a page is`(perPage: Int, calls: Int) async throws {
        let stand = try CloudflareStand()
        for number in 0..<450 { try stand.put("A", "h\(number).example.test", "85.214.1.\(number % 200)") }
        let records = try await stand.provider(recordsPerPage: perPage).records(in: try stand.zone())
        #expect(Set(records.map(\.name.text)) == Set((0..<450).map { "h\($0).example.test" }))
        #expect(stand.emulator.log.requests.count == calls)
    }

    @Test func `an empty zone is empty, not unavailable`() async throws {
        let stand = try CloudflareStand()
        #expect(try await stand.provider().records(in: try stand.zone()).isEmpty)
    }

    @Test func `records come as they stand, and other kinds and names are left out`() async throws {
        let stand = try CloudflareStand()
        let address = try stand.put("A", "www.example.test", "85.214.1.1", ttl: 300, comment: "by hand")
        let alias = try stand.put("CNAME", "*.example.test", "www.example.test", proxied: true)
        try stand.put("TXT", "example.test", "v=spf1 -all")
        try stand.emulator.put(RecordDraft(name: "_dmarc", type: "TXT", content: "v=DMARC1"), in: "example.test")
        try stand.emulator.put(
            RecordDraft(name: "k1._domainkey", type: "CNAME", content: "k1.example.net"),
            in: "example.test"
        )
        let records = try await stand.provider().records(in: try stand.zone())
        #expect(Set(records) == [address, alias])
    }

    @Test func `a read that fails in passing is asked once more`() async throws {
        let stand = try CloudflareStand()
        stand.emulator.faults.add(Fault(.html(status: 502), times: 1))
        #expect(try await stand.provider().zones().count == 1)
        #expect(stand.emulator.log.requests.count == 2)
    }

    @Test func `a read that goes on failing is given up`() async throws {
        let stand = try CloudflareStand()
        stand.emulator.faults.add(Fault(.html(status: 502)))
        let error = await failure { () async throws(ProviderError) in try await stand.provider().zones() }
        #expect(error == .unavailable("cannot list zones now: answered 502"))
        #expect(stand.emulator.log.requests.count == 2)
    }

    @Test func `a short rest that the API asks for is taken`() async throws {
        let stand = try CloudflareStand()
        stand.emulator.faults.add(Fault(.error(status: 429, code: 971, message: "slow down"), times: 1))
        let clock = TestClock()
        async let zones = stand.provider(clock: clock).zones()
        await clock.sleepers(1)
        #expect(stand.emulator.log.requests.count == 1)
        clock.advance(by: .seconds(1))
        #expect(try await zones.count == 1)
    }

    @Test func `a long rest is left to the next run`() async throws {
        let stand = try CloudflareStand()
        stand.emulator.settings.rate = CloudflareRate(requests: 0, seconds: 300)
        let error = await failure { () async throws(ProviderError) in try await stand.provider().zones() }
        let text = "cannot list zones now: answered 429, too many requests; it asks for 300 s of rest"
        #expect(error == .unavailable(text))
        #expect(stand.emulator.log.requests.count == 1)
    }

    @Test func `a slow server is not asked again`() async throws {
        let transport = DeafTransport(.timedOut(after: .seconds(15)))
        let provider = CloudflareProvider(CloudflareStand.token, transport: transport)
        let error = await failure { () async throws(ProviderError) in try await provider.zones() }
        #expect(error == .unavailable("cannot list zones now: no answer within 15 s"))
        #expect(transport.sent.count == 1)
    }

    @Test func `a captive portal is no answer`() async throws {
        let stand = try CloudflareStand()
        stand.emulator.faults.add(Fault(.captivePortal))
        let error = await failure { () async throws(ProviderError) in try await stand.provider().zones() }
        let text = "cannot list zones now: answered 200 with what is not its JSON: <!DOCTYPE html>"
        #expect(error?.description.hasPrefix(text) == true)
    }

    @Test func `a redirect is no answer`() async throws {
        let stand = try CloudflareStand()
        stand.emulator.faults.add(Fault(.redirect(to: "http://127.0.0.1:1/login")))
        let error = await failure { () async throws(ProviderError) in try await stand.provider().zones() }
        #expect(error == .unavailable("cannot list zones now: answered 302, a redirect, which the API never does"))
    }

    @Test(arguments: [
        // The second page is missing, comes empty, brings the first one again, or brings too much.
        #"<html>502</html>"#, page(1..<1), page(1..<3), page(3..<6),
        #"{"success":true,"errors":[],"result":[],"result_info":null}"#,
    ])
    func `a list is read whole or not at all`(second: String) async throws {
        let scene = try Scene { request in
            .text(request.query["page"] == "1" ? Self.page(1..<3) : second)
        }
        let error = await failure { () async throws(ProviderError) in try await scene.provider.zones() }
        guard case .unavailable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a list that changes between its pages is read once more`() async throws {
        let calls = Mutex(0)
        let scene = try Scene { request in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            return .text(request.query["page"] == "1" ? Self.page(1..<3) : Self.page(call > 2 ? 3..<5 : 2..<4))
        }
        #expect(try await scene.provider.zones().count == 4)
        #expect(calls.withLock { $0 } == 4)
    }

    /// Zones of these numbers, of four in all.
    private static func page(_ numbers: Range<Int>) -> String {
        let zones = numbers.map { #"{"id":"z\#($0)","name":"z\#($0).test","status":"active"}"# }
        return
            #"{"success":true,"errors":[],"result":[\#(zones.joined(separator: ","))],"result_info":{"total_count":4}}"#
    }
}
