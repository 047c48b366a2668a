import Model
import TestSupport
import Testing
import Timing

@Suite struct BackoffTests {
    @Test func `the ceiling doubles up to the limit, and starts again after a reset`() {
        let almostAll = FixedRandomness(fraction: 0.999)
        var backoff = Backoff(first: .milliseconds(500), limit: .seconds(30))
        let waits = (0..<9).map { _ in backoff.next(almostAll, for: .run) }
        for (wait, ceiling) in zip(waits, [0.5, 1, 2, 4, 8, 16, 30, 30, 30]) {
            #expect(wait < .seconds(ceiling))
            #expect(wait > .seconds(ceiling * 0.99))
        }
        backoff.reset()
        #expect(backoff.next(almostAll, for: .run) < .milliseconds(500))
    }

    @Test func `the jitter is full: the wait may be zero`() {
        var backoff = Backoff(first: .seconds(1), limit: .seconds(30))
        #expect(backoff.next(FixedRandomness(fraction: 0), for: .run) == .zero)
        #expect(backoff.next(FixedRandomness(fraction: 0.5), for: .run) == .seconds(1))
    }
}
