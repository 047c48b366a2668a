import Synchronization

/// What a test gathers from callbacks, and can wait for.
package final class AsyncCollector<Element: Sendable>: Sendable {
    private struct Watcher {
        let isSatisfied: @Sendable ([Element]) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var elements: [Element] = []
        var watchers: [Watcher] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var all: [Element] { state.withLock(\.elements) }

    package func add(_ element: Element) {
        let satisfied = state.withLock { state in
            state.elements.append(element)
            let elements = state.elements
            let satisfied = state.watchers.filter { $0.isSatisfied(elements) }
            state.watchers.removeAll { $0.isSatisfied(elements) }
            return satisfied
        }
        for watcher in satisfied { watcher.continuation.resume() }
    }

    /// Returns what was gathered as soon as `isSatisfied` holds of it.
    @discardableResult
    package func wait(until isSatisfied: @escaping @Sendable ([Element]) -> Bool) async -> [Element] {
        await withCheckedContinuation { continuation in
            let isAlready = state.withLock { state in
                guard !isSatisfied(state.elements) else { return true }
                state.watchers.append(Watcher(isSatisfied: isSatisfied, continuation: continuation))
                return false
            }
            if isAlready { continuation.resume() }
        }
        return all
    }

    @discardableResult
    package func wait(for count: Int) async -> [Element] {
        await wait { $0.count >= count }
    }
}
