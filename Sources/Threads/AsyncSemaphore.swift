import Synchronization

/// Limits how many tasks run a piece of code at a time; the others wait, first come, first served.
package final class AsyncSemaphore: Sendable {
    private struct State {
        var permits: Int
        var lastTicket: UInt64 = 0
        /// In order of arrival.
        var waiting: [(ticket: UInt64, entry: CheckedContinuation<Bool, Never>)] = []
    }

    private let state: Mutex<State>

    package init(width: Int) { state = Mutex(State(permits: max(1, width))) }

    /// Runs `body` once a permit is free. Throws when the task is cancelled before that.
    package func pass<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        guard await enter() else { throw CancellationError() }
        defer { leave() }
        return try await body()
    }

    private func enter() async -> Bool {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { entry in
                let answer: Bool? = state.withLock { state in
                    // A task that was cancelled before it got here has had its handler run already.
                    if Task.isCancelled { return false }
                    if state.permits == 0 {
                        state.waiting.append((ticket, entry))
                        return nil
                    }
                    state.permits -= 1
                    return true
                }
                if let answer { entry.resume(returning: answer) }
            }
        } onCancel: {
            let entry = state.withLock { state in
                state.waiting.firstIndex { $0.ticket == ticket }.map { state.waiting.remove(at: $0).entry }
            }
            entry?.resume(returning: false)
        }
    }

    /// The permit goes to the task that has waited longest.
    private func leave() {
        let next = state.withLock { state in
            if state.waiting.isEmpty { state.permits += 1 }
            return state.waiting.isEmpty ? nil : state.waiting.removeFirst().entry
        }
        next?.resume(returning: true)
    }
}

/// Runs `body` for every item, at most `width` at a time, and returns what it returned in the items' order.
package func concurrentMap<Item: Sendable, Value: Sendable>(
    _ items: [Item],
    atMost width: Int,
    _ body: @escaping @Sendable (Item) async -> Value
) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
        var values = [Value?](repeating: nil, count: items.count)
        var rest = items.enumerated().makeIterator()
        func startNext() {
            guard let (place, item) = rest.next() else { return }
            group.addTask { (place, await body(item)) }
        }
        for _ in 0..<max(1, width) { startNext() }
        while let (place, value) = await group.next() {
            values[place] = value
            startNext()
        }
        return values.compactMap { $0 }
    }
}

extension Result {
    /// What `body` returns or throws.
    package init(of body: () async throws(Failure) -> Success) async {
        do throws(Failure) {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}

/// Starts an unstructured task on the current task executor, as structured tasks do by themselves (SE-0417), for replays.
package func taskOnCurrentExecutor<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Task<Value, Never>
{
    let executor = unsafe withUnsafeCurrentTask { unsafe $0?.unownedTaskExecutor?.asTaskExecutor() }
    return Task(executorPreference: executor, operation: body)
}

extension UnownedJob {
    /// Runs the job on the calling thread, for an executor that this thread serves alone.
    package func run(on executor: some TaskExecutor) { unsafe runSynchronously(on: executor.asUnownedTaskExecutor()) }
}
