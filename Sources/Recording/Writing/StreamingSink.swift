import Model
public import Ports
import Synchronization
import Timing

/// What a client fetches of what is recorded, in its own time but not in no time.
public final class StreamingSink: RecordingSink {
    /// What waits for the client; what does not fit is lost.
    private static let limit = 8 << 20
    /// A client that is silent for as long has gone.
    private static let patience = Duration.seconds(60)

    private struct State {
        var waiting: [UInt8] = []
        var isEnded = false
        /// Whether the client knows that.
        var isEndTold = false
        var lastFetch: Duration
        var fetcher: CheckedContinuation<Void, Never>?
    }

    private let clock: any Clock
    private let state: Mutex<State>

    public init(clock: any Clock) {
        self.clock = clock
        state = Mutex(State(lastFetch: clock.uptime))
    }

    public func begin(_ header: [UInt8]) throws(RecordingSinkError) {
        try write(header)
    }

    public func write(_ lines: [UInt8]) throws(RecordingSinkError) {
        let fetcher = try state.withLock { state throws(RecordingSinkError) in
            guard state.waiting.count + lines.count <= Self.limit else {
                throw RecordingSinkError("whoever records fetches too slowly", isFinal: false)
            }
            state.waiting += lines
            return state.fetcher.take()
        }
        fetcher?.resume()
    }

    public func pause(_ last: [UInt8]) {
        try? write(last)
    }

    public var isFull: Bool { false }

    public var isOver: Bool {
        let uptime = clock.uptime
        return state.withLock { $0.isEnded || uptime - $0.lastFetch > Self.patience }
    }

    /// Takes no more lines. What waits can still be fetched.
    public func end() {
        state.withLock { $0.isEnded = true }
        wake()
    }

    /// Whether it has ended, and the client knows.
    public var isEndTold: Bool { state.withLock(\.isEndTold) }

    /// What came since the last time. Where that is nothing, it waits, but no longer than `limit`.
    ///
    /// - Returns: Nil when nothing will ever come.
    public func fetch(waiting limit: Duration) async -> [UInt8]? {
        _ = try? await withTimeout(limit, of: clock) { await self.arrival() }
        return take()
    }

    /// What waits, without waiting for more; nil when nothing will ever come.
    public func take() -> [UInt8]? {
        let uptime = clock.uptime
        return state.withLock { state in
            state.lastFetch = uptime
            state.isEndTold = state.isEnded && state.waiting.isEmpty
            defer { state.waiting = [] }
            return state.isEndTold ? nil : state.waiting
        }
    }

    private func arrival() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (fetcher: CheckedContinuation<Void, Never>) in
                let isThere = state.withLock { state in
                    guard state.waiting.isEmpty, !state.isEnded, !Task.isCancelled, state.fetcher == nil else {
                        return true
                    }
                    state.fetcher = fetcher
                    return false
                }
                if isThere { fetcher.resume() }
            }
        } onCancel: {
            wake()
        }
    }

    private func wake() {
        state.withLock { $0.fetcher.take() }?.resume()
    }
}
