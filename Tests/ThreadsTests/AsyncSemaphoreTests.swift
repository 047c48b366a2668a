import Synchronization
import Testing
import Threads

@Suite struct GateTests {
    @Test func `no more than its width run at a time, and all run`() async throws {
        let gate = AsyncSemaphore(width: 3)
        let occupancy = Occupancy()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await gate.pass {
                        occupancy.enter()
                        for _ in 0..<5 { await Task.yield() }
                        occupancy.leave()
                        return number
                    }
                }
            }
            let sum = try await group.reduce(0, +)
            #expect(sum == 49 * 50 / 2)
        }
        #expect(occupancy.most == 3)
    }

    @Test func `a cancelled task leaves the queue without a permit`() async throws {
        let gate = AsyncSemaphore(width: 1)
        let (inside, entered) = AsyncStream.makeStream(of: Void.self)
        let (release, releaser) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await gate.pass {
                entered.finish()
                for await _ in release {}
            }
        }
        for await _ in inside {}
        let second = Task { try await gate.pass { Issue.record("there was no room") } }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        releaser.finish()
        try await first.value
        #expect(try await gate.pass { 1 } == 1)
    }

    @Test func `a task that fails returns its permit`() async throws {
        struct Failure: Error {}
        let gate = AsyncSemaphore(width: 1)
        await #expect(throws: Failure.self) { try await gate.pass { throw Failure() } }
        #expect(try await gate.pass { 1 } == 1)
    }
}

/// How many are inside.
private final class Occupancy: Sendable {
    private let seen = Mutex((now: 0, most: 0))

    var most: Int { seen.withLock { $0.most } }

    func enter() {
        seen.withLock { seen in
            seen.now += 1
            seen.most = max(seen.most, seen.now)
        }
    }

    func leave() { seen.withLock { $0.now -= 1 } }
}
