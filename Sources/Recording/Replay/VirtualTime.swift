import Threads
package import Model
import Ports
import Synchronization

/// Time that passes only when no task has anything left to do: all tasks run on one queue, and when it is empty the
/// clock moves on to the first sleeper. Structured child tasks and actors stay on the queue by themselves (SE-0417).
package final class VirtualTime: Ports.Clock, TaskExecutor {
    private struct Sleeper {
        let wakes: Duration
        let number: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var elapsed: Duration = .zero
        /// How far the wall clock was set away from where it began.
        var offset: Duration = .zero
        var jobs: [UnownedJob] = []
        var nextJob = 0
        var sleepers: [Int: Sleeper] = [:]
        var count = 0
        /// How often a sleeper was woken.
        var wakings = 0
    }

    /// Why time does not get to the end.
    package enum Stuck: Error {
        /// Nothing is left to do, and no task sleeps.
        case waiting
        /// Tasks sleep again and again.
        case endless
    }

    private let began: Timestamp
    private let limit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - began: the wall clock's time at the beginning.
    ///   - limit: how often a task may sleep.
    package init(from began: Timestamp, sleeps limit: Int = .max) { (self.began, self.limit) = (began, limit) }

    package var now: Timestamp { state.withLock { began + $0.elapsed + $0.offset } }

    package var uptime: Duration { state.withLock(\.elapsed) }

    /// Sets the wall clock forward, or back; sleepers are not affected.
    package func setWallClock(by jump: Duration) { state.withLock { $0.offset += jump } }

    package func sleep(for duration: Duration) async throws {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = Task.isCancelled
                state.withLock { state in
                    guard !isCancelled else { return }
                    let wakes = state.elapsed + max(.zero, duration)
                    state.sleepers[number] = Sleeper(wakes: wakes, number: number, continuation: continuation)
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: number) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    package func sleep(until time: Duration) async throws { try await sleep(for: time - uptime) }

    /// Sleeps until the task is cancelled.
    func sleepForever() async throws { try await sleep(for: .seconds(1 << 40)) }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
    }

    /// Runs `body` to its end on the calling thread, and with it everything it starts.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) throws(Stuck) -> Value {
        let result = Mutex<Value?>(nil)
        Task(executorPreference: self) {
            let value = await body()
            result.withLock { $0 = value }
        }
        while true {
            while let job = nextJob() { job.run(on: self) }
            if let value = result.withLock({ $0 }) { return value }
            guard wakeFirst() else { throw .waiting }
            guard state.withLock({ $0.wakings <= limit }) else { throw .endless }
        }
    }

    private func nextJob() -> UnownedJob? {
        state.withLock { state in
            guard state.nextJob < state.jobs.count else {
                state.jobs.removeAll(keepingCapacity: true)
                state.nextJob = 0
                return nil
            }
            defer { state.nextJob += 1 }
            return state.jobs[state.nextJob]
        }
    }

    private func wakeFirst() -> Bool {
        let first = state.withLock { state -> Sleeper? in
            let first = state.sleepers.values.min { ($0.wakes, $0.number) < ($1.wakes, $1.number) }
            guard let first else { return nil }
            state.elapsed = max(state.elapsed, first.wakes)
            state.wakings += 1
            return state.sleepers.removeValue(forKey: first.number)
        }
        first?.continuation.resume()
        return first != nil
    }
}

/// Where a replay ends early.
package enum ReplayEnd: Sendable {
    case after(Duration)
    case at(Timestamp)

    /// How long after the beginning that is.
    package func elapsed(since beginning: Timestamp) -> Duration {
        switch self {
        case .after(let duration): duration
        case .at(let time): time - beginning
        }
    }
}
