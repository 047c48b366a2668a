import Emulators
import Ports
import TestSupport
import Testing
import Timing

@Suite struct CloudflareBehaviourTests {
    private struct Publisher: DNSPublisher {
        let sets = AsyncCollector<PublishedSet>()

        func publish(_ set: PublishedSet) async { sets.add(set) }
    }

    private static func set(_ name: String, _ kind: PublishedSet.Kind, _ values: [String]) -> PublishedSet {
        PublishedSet(zone: "example.test", name: name + ".example.test", kind: kind, values: values)
    }

    @Test func `past the rate everything is 429 until a whole window is over`() async throws {
        let clock = TestClock()
        let account = try CloudflareAccount(clock: clock)
        account.emulator.settings.rate = CloudflareRate(requests: 3, seconds: 300)
        for _ in 0..<3 { #expect(try await account.send(.get, "/zones").status == 200) }
        clock.advance(by: .seconds(100))
        let refused = try await account.send(.get, "/zones")
        #expect(refused.status == 429)
        #expect(refused.headers["retry-after"] == "300")
        clock.advance(by: .milliseconds(299_500))
        #expect(try await account.send(.get, "/zones").headers["retry-after"] == "1")
        clock.advance(by: .milliseconds(500))
        #expect(try await account.send(.get, "/zones").status == 200)
    }

    @Test func `a window that ends without offence starts the count anew`() async throws {
        let clock = TestClock()
        let account = try CloudflareAccount(clock: clock)
        account.emulator.settings.rate = CloudflareRate(requests: 2, seconds: 300)
        for _ in 0..<4 {
            for _ in 0..<2 { #expect(try await account.send(.get, "/zones").status == 200) }
            clock.advance(by: .seconds(300))
        }
    }

    @Test func `latency comes before every answer`() async throws {
        let clock = TestClock()
        let account = try CloudflareAccount(clock: clock)
        account.emulator.settings.latency = .milliseconds(80)
        async let status = account.send(.get, "/zones").status
        // The server's own limit sleeps on another clock.
        await clock.sleepers(1)
        #expect(account.emulator.log.requests.map(\.status) == [nil])
        clock.advance(by: .milliseconds(80))
        #expect(try await status == 200)
    }

    @Test func `DNS shows a change after its delay, in the order of changes`() async throws {
        let clock = TestClock()
        let publisher = Publisher()
        let account = try CloudflareAccount(clock: clock, publisher: publisher)
        account.emulator.settings.propagation = .seconds(5)
        let first = try await account.create("TXT", "t", "one")
        clock.advance(by: .seconds(2))
        _ = try await account.create("TXT", "t", "two")
        _ = try await account.send(.delete, account.records() + "/" + first.id)
        await clock.sleepers(1)
        #expect(publisher.sets.all.isEmpty)
        clock.advance(by: .seconds(3))
        #expect(await publisher.sets.wait(for: 1) == [Self.set("t", .txt, ["one"])])
        await clock.sleepers(1)
        clock.advance(by: .seconds(2))
        let later = await publisher.sets.wait(for: 3)
        #expect(later.dropFirst() == [Self.set("t", .txt, ["one", "two"]), Self.set("t", .txt, ["two"])])
    }

    @Test func `what is proxied shows as Cloudflare's edge, and what does not change is not shown again`() async throws
    {
        let publisher = Publisher()
        let account = try CloudflareAccount(publisher: publisher)
        let record = try await account.create("A", "a", "85.214.132.117", #","proxied":true"#)
        let path = try account.records() + "/" + record.id
        #expect(
            await publisher.sets.wait(for: 2)
                == [Self.set("a", .a, ["104.16.0.1"]), Self.set("a", .aaaa, ["2606:4700::6810:1"])]
        )
        _ = try await account.call(.patch, path, #"{"content":"85.214.132.118"}"#)
        _ = try await account.call(.patch, path, #"{"proxied":false}"#)
        #expect(
            await publisher.sets.wait(for: 4).dropFirst(2)
                == [Self.set("a", .a, ["85.214.132.118"]), Self.set("a", .aaaa, [])]
        )
        _ = try await account.call(.patch, path, #"{"name":"b"}"#)
        #expect(
            await publisher.sets.wait(for: 6).dropFirst(4)
                == [Self.set("a", .a, []), Self.set("b", .a, ["85.214.132.118"])]
        )
    }

    @Test func `a fault strikes its host alone, as often as asked`() async throws {
        let account = try CloudflareAccount()
        let effect = Fault.Effect.error(status: 500, code: 1101, message: "Internal error")
        account.emulator.faults.add(Fault(effect, host: "bad.example.test", times: 2))
        let path = try account.records()
        let body = #"{"type":"A","name":"bad.example.test","content":"85.214.132.117"}"#
        _ = try await account.create("A", "good.example.test", "85.214.132.117")
        #expect(try await account.failure(.post, path, body) == [500, 1101])
        #expect(try await account.failure(.post, path + "/batch", #"{"posts":[\#(body)]}"#) == [500, 1101])
        let record = try #require(try await account.call(.post, path, body).result)
        account.emulator.faults.add(Fault(effect, method: "DELETE", host: "bad.example.test"))
        #expect(try await account.call(.get, path + "/" + record.id).result == record)
        #expect(try await account.failure(.delete, path + "/" + record.id) == [500, 1101])
        account.emulator.faults.clear()
        #expect(try await account.send(.delete, path + "/" + record.id).status == 200)
    }

    @Test func `HTML, a lost answer and silence can be had`() async throws {
        let account = try CloudflareAccount()
        let path = try account.records()
        let body = #"{"type":"A","name":"a","content":"85.214.132.117"}"#
        account.emulator.faults.add(Fault(.html(status: 502), path: "/dns_records", times: 1))
        let html = try await account.send(.post, path, body)
        #expect((html.status, html.headers["content-type"]) == (502, "text/html"))
        #expect(account.emulator.records(in: "example.test").isEmpty)
        account.emulator.faults.add(Fault(.lostAnswer, method: "POST", times: 1))
        #expect(try await account.send(.post, path, body).status == 502)
        #expect(account.emulator.records(in: "example.test").count == 1)
        account.emulator.faults.add(Fault(.hang, times: 1))
        let hung = Task { try await account.send(.get, path) }
        await account.emulator.log.wait { $0.count == 3 }
        hung.cancel()
        await #expect(throws: TransportError.cancelled) { try await hung.value }
        #expect(account.emulator.log.requests.map(\.status) == [502, 502, nil])
        #expect(try await account.send(.get, path).status == 200)
    }
}
