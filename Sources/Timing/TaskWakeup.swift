package import Ports

/// Wakes the one task that waits for its next due time. Several wake-ups while it works count as one, and none is lost.
package struct TaskWakeup: Sendable {
    private let stream: AsyncStream<Void>
    private let feed: AsyncStream<Void>.Continuation
    private let clock: any Clock

    package init(_ clock: any Clock) {
        self.clock = clock
        (stream, feed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func wake() { feed.yield() }

    /// Returns when it is woken, at the uptime `time`, or when the task is cancelled.
    package func wait(until time: Duration? = nil) async {
        await withTaskGroup(of: Void.self) { group in
            if let time {
                group.addTask {
                    guard (try? await clock.sleep(for: max(.zero, time - clock.uptime))) != nil else { return }
                    wake()
                }
            }
            var iterator = stream.makeAsyncIterator()
            await iterator.next()
            group.cancelAll()
        }
    }
}
