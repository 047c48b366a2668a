import EventStream
import Model
import Ports
import State
import Synchronization
import TestSupport
import Testing
import Timing

/// What the next Landfall knows of events, over the same store.
@Suite(.limited(minutes: 1)) struct RestartTests {
    private let store: StateStore

    init() throws { store = try .inMemory() }

    /// Lets one Landfall see an event.
    private func see(_ line: String) async throws {
        let fixture = try EventStreamFixture(store: store)
        await fixture.stream(1).send(line)
        await fixture.triggers.wait(for: 1)
        await fixture.end()
    }

    @Test func `it resumes before the last event, and what it had seen triggers nothing`() async throws {
        let seen = event("create", "web", time: 1_795_485_782_000_000_007)
        try await see(seen)
        let fixture = try EventStreamFixture(store: store)
        await fixture.stream(1).send(seen + event("update", "web", time: 1_795_485_782_000_000_009))
        #expect(await fixture.triggers.wait(for: 1).map(\.description) == ["service update web"])
        #expect(fixture.subscriptions()[0].contains("since=1795485772.000000007&"))
        await fixture.end()
    }

    @Test func `an engine whose clock is ahead does not move the place to resume into the future`() async throws {
        let seen = event("create", "web", time: 1_895_485_783_000_000_000)
        try await see(seen)
        let fixture = try EventStreamFixture(store: store)
        await fixture.stream(1).send(seen + event("update", "web", time: 3))
        #expect(await fixture.triggers.wait(for: 1).map(\.description) == ["service update web"])
        #expect(fixture.subscriptions()[0].contains("since=1795485773.000000000&"))
        await fixture.end()
    }

    @Test(arguments: [
        ("2036-01-01T00:00:00.000Z", "1795485773.000000000"), ("1971-01-01T00:00:00.000Z", "31535990.000000000"),
        ("1970-01-01T00:00:00.000Z", "0.000000000"),
    ])
    func `whatever the store says, an engine can be asked`(latest: String, since: String) async throws {
        try store.commit(["events": ["history": #"{"latest":"\#(latest)","seen":[]}"#]])
        let fixture = try EventStreamFixture(store: store)
        await fixture.stream(1).send(event("update", "web", time: 3))
        #expect(await fixture.triggers.wait(for: 1).map(\.description) == ["service update web"])
        #expect(fixture.subscriptions()[0].contains("since=\(since)&"))
        await fixture.end()
    }

    @Test(arguments: ["", "{}", #"{"latest":7,"seen":[]}"#])
    func `a memory that makes no sense is none`(text: String) async throws {
        try store.commit(["events": ["history": text]])
        let fixture = try EventStreamFixture(store: store)
        _ = await fixture.stream(1)
        #expect(fixture.subscriptions()[0].contains("since=1795485783.000000000&"))
        await fixture.end()
    }

    @Test func `nothing is written while events come, and all with the watchdog's next look`() async throws {
        let fixture = try EventStreamFixture(store: store)
        let stream = await fixture.stream(1)
        for number in 1...100 { stream.send(event("update", "web", time: Int64(number))) }
        await fixture.triggers.wait(for: 100)
        #expect(try store.texts(in: "events").isEmpty)
        await fixture.passWatch(1)
        await fixture.clock.sleepers(1)
        #expect(try store.text(of: "history", in: "events")?.contains("000000100Z") == true)
        await fixture.end()
    }

    @Test func `of a storm of 50,000 events the one that matters arrives, and no more is kept than of a small one`()
        async throws
    {
        let taken = Mutex(0)
        let found = AsyncCollector<Trigger>()
        let fixture = try EventStreamFixture(store: store) { trigger in
            taken.withLock { $0 += 1 }
            if trigger.subject != "flapping" { found.add(trigger) }
        }
        let stream = await fixture.stream(1)
        for block in 0..<100 {
            let events = (1...500).map { event("update", "flapping", time: Int64(block * 500 + $0)) }.joined()
            stream.send(block == 50 ? events + event("create", "web", time: 1) : events)
        }
        stream.send(event("remove", "last", time: 50_001))
        await found.wait(for: 2)
        #expect(found.all.map(\.description) == ["service create web", "service remove last"])
        #expect(taken.withLock { $0 } == 50_002)
        await fixture.end()
        let memory = try #require(try store.text(of: "history", in: "events"))
        #expect(memory.utf8.count < 200_000)
        #expect(fixture.subscriptions().count == 1)
    }
}
