import Synchronization

/// Lets tasks wait for its opening, or their own cancellation, and tests for tasks that wait.
final class TestGate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextID = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func tellWatchers() {
            let count = waiting.count
            watchers.filter { $0.count == count }.forEach { $0.continuation.resume() }
            watchers.removeAll { $0.count == count }
        }
    }

    private let state = Mutex(State())

    func wait() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    guard !state.isOpen, !Task.isCancelled else { return continuation.resume() }
                    state.waiting[id] = continuation
                    state.tellWatchers()
                }
            }
        } onCancel: {
            state.withLock { state in
                state.waiting.removeValue(forKey: id)?.resume()
                state.tellWatchers()
            }
        }
    }

    /// Returns as soon as `count` tasks wait.
    func waiters(_ count: Int) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.watchers.append((count, continuation))
                state.tellWatchers()
            }
        }
    }

    func open() {
        state.withLock { state in
            state.isOpen = true
            state.waiting.values.forEach { $0.resume() }
            state.waiting = [:]
            state.tellWatchers()
        }
    }
}
