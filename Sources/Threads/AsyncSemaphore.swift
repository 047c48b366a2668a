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
