import Synchronization
import TestSupport
import Testing
import Threads

@Suite struct TurnstileTests {
    @Test func `no more pass at a time than its width, and all pass`() async {
        let (turnstile, crowd, crowds) = (Turnstile(width: 3), Crowd(), Gathering<Int>())
        _ = await sideBySide(Array(0..<50), atMost: 50) { _ in
            await turnstile.pass {
                crowds.add(crowd.enter())
                await Task.yield()
                crowd.leave()
            }
        }
        #expect(crowds.all.count == 50)
        #expect(crowds.all.allSatisfy { $0 <= 3 })
    }
}

private final class Crowd: Sendable {
    private let count = Mutex(0)

    func enter() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }

    func leave() {
        count.withLock { $0 -= 1 }
    }
}
