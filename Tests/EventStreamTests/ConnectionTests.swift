import Docker
import EventStream
import TestSupport
import Testing

/// What is told of the connection while it comes and goes.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    private func words(_ changes: [ConnectionChange]) -> [String] {
        changes.compactMap { change in
            switch change {
            case .following(let mode, _, let obstacle): "following a \(mode)\(obstacle == nil ? "" : ", in vain")"
            case .lost: "lost"
            case .checked: nil
            }
        }
    }

    @Test func `every connection is told, and every loss`() async throws {
        let scene = try EventStreamFixture()
        let first = await scene.stream(1)
        scene.set(refusing: true)
        first.end()
        await scene.passWait(1)
        await scene.changes.wait { words($0).count { $0 == "lost" } == 2 }
        scene.set(refusing: false)
        await scene.passWait(2)
        _ = await scene.stream(2)
        let told = await scene.changes.wait { words($0).last?.hasPrefix("following") == true && words($0).count == 4 }
        let mode = try #require(words(told).first)
        #expect(mode.hasPrefix("following a Swarm manager of cluster "))
        #expect(words(told) == [mode, "lost", "lost", mode])
        await scene.end()
    }

    @Test func `a quiet connection is looked after all the same`() async throws {
        let scene = try EventStreamFixture()
        _ = await scene.stream(1)
        @Sendable func looks(_ changes: [ConnectionChange]) -> Int {
            changes.count { if case .checked = $0 { true } else { false } }
        }
        let before = looks(scene.changes.all)
        for number in 1...3 { await scene.passWatch(number) }
        await scene.changes.wait { looks($0) >= before + 3 }
        #expect(words(scene.changes.all).count == 1)
        await scene.end()
    }
}
