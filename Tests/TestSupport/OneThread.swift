import Glibc
import Synchronization
import Threads

/// A task executor with one thread of its own, so that a test can see what strays from it.
package final class OneThread: TaskExecutor {
    private let queue = Queue()

    package init() throws { try startThread(named: "one thread") { [queue] in queue.work() } }

    deinit { queue.add(nil) }

    /// Whether the caller is on its thread.
    package var isCurrent: Bool { queue.isCurrent }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.add { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Work for the thread; nil is the last of it.
private final class Queue: Sendable {
    private struct State {
        var works: [(@Sendable () -> Void)?] = []
        var thread: pthread_t?
    }

    private let state = Mutex(State())
    /// Holds a byte for each piece of work.
    private let (reading, writing): (Int32, Int32)

    init() {
        var ends: [Int32] = [-1, -1]
        unsafe pipe(&ends)
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    var isCurrent: Bool { state.withLock { $0.thread == pthread_self() } }

    func add(_ work: (@Sendable () -> Void)?) {
        state.withLock { $0.works.append(work) }
        unsafe write(writing, [0], 1)
    }

    func work() {
        state.withLock { $0.thread = pthread_self() }
        var byte: UInt8 = 0
        while unsafe read(reading, &byte, 1) == 1 {
            guard let work = state.withLock({ $0.works.removeFirst() }) else { return }
            work()
        }
    }
}
