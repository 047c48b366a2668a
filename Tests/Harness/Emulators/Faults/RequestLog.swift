import HTTPServer
import Model
import Synchronization

/// All requests of an emulator in the order they came; the oldest are forgotten beyond a hundred thousand.
package final class RequestLog: Sendable {
    private struct Watcher {
        let isSatisfied: @Sendable ([LoggedRequest]) -> Bool
        let continuation: CheckedContinuation<[LoggedRequest], Never>
    }

    private struct State {
        var requests: [LoggedRequest] = []
        /// The number of the first of them.
        var first = 0
        var watchers: [Watcher] = []

        /// Removes those who wait no longer.
        mutating func satisfied() -> [Watcher] {
            guard !watchers.isEmpty else { return [] }
            let satisfied = watchers.filter { $0.isSatisfied(requests) }
            watchers.removeAll { $0.isSatisfied(requests) }
            return satisfied
        }
    }

    private static let limit = 100_000

    private let state = Mutex(State())

    package init() {}

    package var requests: [LoggedRequest] { state.withLock(\.requests) }

    package func clear() {
        state.withLock { state in
            state.first += state.requests.count
            state.requests = []
        }
    }

    /// Returns the log as soon as `isSatisfied` holds of it.
    @discardableResult
    package func wait(until isSatisfied: @escaping @Sendable ([LoggedRequest]) -> Bool) async -> [LoggedRequest] {
        await withCheckedContinuation { continuation in
            change { $0.watchers.append(Watcher(isSatisfied: isSatisfied, continuation: continuation)) }
        }
    }

    /// Notes a request and returns its number.
    func begin(_ request: ServerRequest, at time: Timestamp) -> Int {
        let logged = LoggedRequest(request, at: time)
        return change { state in
            state.requests.append(logged)
            if state.requests.count > Self.limit {
                state.requests.removeFirst(Self.limit / 10)
                state.first += Self.limit / 10
            }
            return state.first + state.requests.count - 1
        }
    }

    func end(_ number: Int, status: Int) {
        change { state in
            guard number >= state.first else { return }
            state.requests[number - state.first].status = status
        }
    }

    @discardableResult
    private func change<Result>(_ body: (inout State) -> Result) -> Result {
        let (result, satisfied, requests) = state.withLock { state in
            let result = body(&state)
            return (result, state.satisfied(), state.requests)
        }
        for watcher in satisfied { watcher.continuation.resume(returning: requests) }
        return result
    }
}
