import Docker
import EventStream
import TestSupport
import Testing

/// What is told of the connection while it comes and goes.
@Suite(.limited(minutes: 1)) struct ConnectionTests {
    private func words(_ changes: [ConnectionChange]) -> [String] {
        changes.compactMap { change in
            switch change {
            case .following(let mode, _, let unreadableReason):
                "following a \(mode)\(unreadableReason == nil ? "" : ", in vain")"
            case .lost: "lost"
            case .checked: nil
            }
        }
    }

    @Test func `every connection is reported, and every loss`() async throws {
        let fixture = try EventStreamFixture()
        let first = await fixture.stream(1)
        fixture.set(refusing: true)
        first.end()
        await fixture.passWait(1)
        await fixture.changes.wait { words($0).count { $0 == "lost" } == 2 }
        fixture.set(refusing: false)
        await fixture.passWait(2)
        _ = await fixture.stream(2)
        let told = await fixture.changes.wait { words($0).last?.hasPrefix("following") == true && words($0).count == 4 }
        let mode = try #require(words(told).first)
        #expect(mode.hasPrefix("following a Swarm manager of cluster "))
        #expect(words(told) == [mode, "lost", "lost", mode])
        await fixture.end()
    }

    @Test func `a quiet connection is looked after all the same`() async throws {
        let fixture = try EventStreamFixture()
        _ = await fixture.stream(1)
        @Sendable func looks(_ changes: [ConnectionChange]) -> Int {
            changes.count { if case .checked = $0 { true } else { false } }
        }
        let before = looks(fixture.changes.all)
        for number in 1...3 { await fixture.passWatch(number) }
        await fixture.changes.wait { looks($0) >= before + 3 }
        #expect(words(fixture.changes.all).count == 1)
        await fixture.end()
    }
}
