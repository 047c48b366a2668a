import DNS
import Emulators
import Model
import Ports
import Synchronization
import TestSupport
import Testing

@Suite struct CloudflareBudgetTests {
    private let clock = TestClock()
    private let fixture: CloudflareFixture
    private let zone: Zone
    private let provider: CloudflareProvider

    init() throws {
        fixture = try CloudflareFixture(clock: clock)
        zone = try fixture.zone()
        provider = fixture.provider(clock: clock)
    }

    private var sent: Int { fixture.emulator.log.requests.count }

    private func record(_ name: String = "www") throws -> DNSRecord {
        DNSRecord(name: try DomainName("\(name).example.test"), kind: .a, content: "85.214.1.1")
    }

    private func trouble(_ call: () async throws(ProviderError) -> some Any) async -> String? {
        await failure(call)?.description
    }

    @Test func `past sixty per cent only writes, challenges and the list of zones pass`() async throws {
        // Ten requests stand for twelve hundred; the API says after each how many are left.
        fixture.emulator.settings.rate = CloudflareRate(requests: 10, seconds: 300)
        for _ in 0..<6 { _ = try await provider.records(in: zone) }
        let said = await trouble { () async throws(ProviderError) in try await provider.records(in: zone) }
        #expect(
            said == "cannot read the records of the zone example.test now: 720 of 1200 requests in 5 min are used, "
                + "and the rest is kept for writes and challenges until 02:09 UTC"
        )
        #expect(sent == 6)
        _ = try await provider.create(try record(), in: zone)
        _ = try await provider.publishChallenge("one", at: "_acme-challenge.example.test", in: zone)
        _ = try await provider.zones()
        #expect(sent == 9)
        #expect(provider.budget?.used == 1080)
        clock.advance(by: .seconds(300))
        fixture.emulator.settings.rate = CloudflareRate()
        #expect(try await provider.records(in: zone).count == 1)
    }

    @Test func `without a word of the API its own requests are counted, each for five minutes`() async throws {
        let transport = SilentAPI()
        let provider = CloudflareProvider(CloudflareFixture.token, transport: transport, clock: clock)
        for minute in 0..<5 {
            for _ in 0..<144 { _ = try await provider.records(in: zone) }
            if minute < 4 { clock.advance(by: .seconds(60)) }
        }
        #expect(provider.budget == RequestBudget(provider: "Cloudflare", used: 720, limit: 1200, window: 300))
        let said = await trouble { () async throws(ProviderError) in try await provider.records(in: zone) }
        #expect(said?.hasSuffix("until 02:09 UTC") == true)
        #expect(transport.count == 720)
        clock.advance(by: .seconds(60))
        #expect(await trouble { () async throws(ProviderError) in try await provider.records(in: zone) } != nil)
        clock.advance(by: .seconds(1))
        _ = try await provider.records(in: zone)
        #expect(provider.budget?.used == 577)
    }

    @Test func `a reserve is left to the user's other programs`() async throws {
        let transport = SilentAPI()
        let provider = CloudflareProvider(CloudflareFixture.token, transport: transport, clock: clock)
        for _ in 0..<1140 { _ = try await provider.zones() }
        let said = await trouble { () async throws(ProviderError) in try await provider.zones() }
        #expect(
            said == "cannot list zones now: 1140 of 1200 requests in 5 min are used, and the rest is a reserve until "
                + "02:09 UTC"
        )
        #expect(transport.count == 1140)
    }

    @Test func `after a 429 nothing is sent until its rest is over`() async throws {
        fixture.emulator.faults.add(Fault(.error(status: 429, code: 971, message: "slow", retryAfter: 300), times: 1))
        _ = await trouble { () async throws(ProviderError) in try await provider.zones() }
        #expect(provider.budget?.restsUntil == clock.now + .seconds(300))
        clock.advance(by: .seconds(200))
        let record = try record()
        for said in [
            await trouble { () async throws(ProviderError) in try await provider.zones() },
            await trouble { () async throws(ProviderError) in try await provider.create(record, in: zone) },
        ] {
            #expect(said?.hasSuffix("now: the API asked for a pause; nothing is sent before 02:09 UTC") == true)
        }
        #expect(sent == 1)
        clock.advance(by: .seconds(100))
        #expect(provider.budget?.restsUntil == nil)
        #expect(try await provider.zones().count == 1)
    }

    @Test(arguments: [(86_400, "02:14"), (nil, "02:09")])
    func `a rest is bounded, and five minutes long where none is named`(asked: Int?, end: String) async throws {
        let transport = SilentAPI(HTTPResponse(status: 429, headers: asked.map { ["retry-after": "\($0)"] } ?? [:]))
        let provider = CloudflareProvider(CloudflareFixture.token, transport: transport, clock: clock)
        let said = await trouble { () async throws(ProviderError) in try await provider.zones() }
        #expect(
            said == "cannot list zones now: answered 429, too many requests; nothing is sent before \(end) UTC"
        )
        #expect(transport.count == 1)
    }

    @Test func `a server that is out of service and says for how long is left in peace`() async throws {
        fixture.emulator.faults.add(Fault(.error(status: 503, code: 1, message: "down", retryAfter: 120), times: 1))
        let said = await trouble { () async throws(ProviderError) in try await provider.records(in: zone) }
        #expect(said?.hasSuffix("now: answered 503; nothing is sent before 02:06 UTC") == true)
        _ = await trouble { () async throws(ProviderError) in try await provider.zones() }
        #expect(sent == 1)
    }

    @Test func `a write that was turned away unread is sent again after a short rest, and once only`() async throws {
        let fault = Fault(.error(status: 429, code: 971, message: "slow"), method: "POST", times: 2)
        fixture.emulator.faults.add(fault)
        let wanted = try record()
        async let result = provider.apply([.create(wanted)], in: zone)
        await clock.sleepers(1)
        clock.advance(by: .seconds(1))
        let text =
            "cannot edit the zone example.test now: answered 429, too many requests; nothing is sent before 02:04 UTC"
        #expect(await result == [.failure(.unavailable(text))])
        #expect(sent == 2)
        clock.advance(by: .seconds(1))
        #expect(try await provider.apply([.create(wanted)], in: zone)[0].get()?.name == wanted.name)
    }
}

/// An API that says nothing of limits, or the same to everything.
private final class SilentAPI: HTTPTransport {
    private let answer: HTTPResponse
    private let calls = Mutex(0)

    init(_ answer: HTTPResponse? = nil) {
        let list = #"{"success":true,"errors":[],"result":[],"result_info":{"total_count":0}}"#
        self.answer = answer ?? HTTPResponse(status: 200, body: Array(list.utf8))
    }

    var count: Int { calls.withLock { $0 } }

    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        calls.withLock { $0 += 1 }
        return answer
    }

    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        throw .cancelled
    }
}
