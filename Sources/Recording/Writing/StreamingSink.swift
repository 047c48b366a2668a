import Model
package import Ports
import Synchronization
import Timing

/// Holds recorded lines for a client that fetches them, up to a limit.
package final class StreamingSink: RecordingSink {
    /// How many bytes may wait for the client; more are lost.
    private static let limit = 8 << 20
    /// A client that is silent for this long has gone.
    private static let silenceLimit = Duration.seconds(60)

    private struct State {
        var waiting: [UInt8] = []
        var isEnded = false
        /// Whether the client knows that.
        var isEndDelivered = false
        var lastFetch: Duration
        var fetcher: CheckedContinuation<Void, Never>?
    }

    private let clock: any Clock
    private let state: Mutex<State>

    package init(clock: any Clock) {
        self.clock = clock
        state = Mutex(State(lastFetch: clock.uptime))
    }

    package func begin(_ header: [UInt8]) throws(RecordingSinkError) { try write(header) }

    package func write(_ lines: [UInt8]) throws(RecordingSinkError) {
        let fetcher = try state.withLock { state throws(RecordingSinkError) in
            guard state.waiting.count + lines.count <= Self.limit else {
                throw RecordingSinkError("the client fetches too slowly", isFinal: false)
            }
            state.waiting += lines
            return state.fetcher.take()
        }
        fetcher?.resume()
    }

    package func pause(_ last: [UInt8]) { try? write(last) }

    package var isFull: Bool { false }

    package var isOver: Bool {
        let uptime = clock.uptime
        return state.withLock { $0.isEnded || uptime - $0.lastFetch > Self.silenceLimit }
    }

    /// Accepts no more lines. Those that wait can still be fetched.
    package func end() {
        state.withLock { $0.isEnded = true }
        wake()
    }

    /// Whether it has ended and the client knows.
    package var isEndDelivered: Bool { state.withLock(\.isEndDelivered) }

    /// Returns what came since the last time, or waits for more, no longer than `limit`; nil when nothing will ever come.
    package func fetch(waiting limit: Duration) async -> [UInt8]? {
        _ = try? await withTimeout(limit, of: clock) { await self.arrival() }
        return fetch()
    }

    /// Returns what came since the last time, without waiting for more; nil when nothing will ever come.
    package func fetch() -> [UInt8]? {
        let uptime = clock.uptime
        return state.withLock { state in
            state.lastFetch = uptime
            state.isEndDelivered = state.isEnded && state.waiting.isEmpty
            defer { state.waiting = [] }
            return state.isEndDelivered ? nil : state.waiting
        }
    }

    private func arrival() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (fetcher: CheckedContinuation<Void, Never>) in
                let canReturn = state.withLock { state in
                    guard state.waiting.isEmpty, !state.isEnded, !Task.isCancelled, state.fetcher == nil else {
                        return true
                    }
                    state.fetcher = fetcher
                    return false
                }
                if canReturn { fetcher.resume() }
            }
        } onCancel: {
            wake()
        }
    }

    private func wake() { state.withLock { $0.fetcher.take() }?.resume() }
}
