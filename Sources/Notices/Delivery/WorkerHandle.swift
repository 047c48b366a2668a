import Ports
import Synchronization

/// The life of a loop that delivers: it is woken when there is something to do, told to end, and awaited. One task runs it.
final class WorkerHandle: Sendable {
    private let clock: any Clock
    private let limit = Mutex<Duration?>(nil)
    private let rings: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    private let life: AsyncStream<Never>
    private let death: AsyncStream<Never>.Continuation

    init(_ clock: any Clock) {
        self.clock = clock
        (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (life, death) = AsyncStream.makeStream()
    }

    func wake() {
        bell.yield()
    }

    /// Lets the loop go on until it has nothing to do, but begin nothing after `deadline`, an uptime.
    func end(by deadline: Duration) {
        limit.withLock { $0 = deadline }
        bell.yield()
    }

    var isEnding: Bool { deadline != nil }

    /// Whether something that is due then is to be begun at all.
    func allows(_ due: Duration) -> Bool {
        guard !Task.isCancelled else { return false }
        return deadline.map { max(due, clock.uptime) <= $0 } ?? true
    }

    /// Returns when it is woken, when `time` has come, or when the task is cancelled.
    func wait(until time: Duration? = nil) async {
        await withTaskGroup(of: Void.self) { group in
            if let time {
                group.addTask { [clock, bell] in
                    guard (try? await clock.sleep(for: max(.zero, time - clock.uptime))) != nil else { return }
                    bell.yield()
                }
            }
            var iterator = rings.makeAsyncIterator()
            await iterator.next()
            group.cancelAll()
        }
    }

    /// The loop is over.
    func die() {
        death.finish()
    }

    /// Returns when the loop is over.
    func awaitEnd() async {
        for await _ in life {}
    }

    private var deadline: Duration? { limit.withLock(\.self) }
}
