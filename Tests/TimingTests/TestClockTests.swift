import Ports
import TestSupport
import Testing
import Timing

@Suite(.limited(minutes: 1)) struct TestClockTests {
    @Test func `a sleeper wakes when it is due, and not before`() async throws {
        let clock = TestClock()
        let woken = AsyncCollector<Int>()
        let tasks = [3, 1, 2].map { seconds in
            Task {
                try await clock.sleep(for: .seconds(seconds))
                woken.add(seconds)
            }
        }
        await clock.sleepers(3)
        clock.advance(by: .seconds(1))
        #expect(await woken.wait(for: 1) == [1])
        clock.advance(by: .seconds(2))
        for task in tasks { try await task.value }
        #expect(Set(woken.all) == [1, 2, 3])
    }

    @Test func `a cancelled sleeper throws`() async {
        let clock = TestClock()
        let task = Task { try await clock.sleep(for: .seconds(1)) }
        await clock.sleepers(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `a timeout ends what takes too long`() async throws {
        let clock = TestClock()
        let task = Task {
            try await withTimeout(.seconds(5), of: clock) {
                try await clock.sleep(for: .seconds(60))
                return "late"
            }
        }
        await clock.sleepers(2)
        clock.advance(by: .seconds(5))
        #expect(try await task.value == nil)
    }
}
