package import EventStream
package import Model
package import Ports
package import Report
package import State
import Synchronization
package import Timing

/// Collects what the daemon does and publishes it to subscribers. Publishing an update never blocks.
package final class StatusHub: Sendable {
    /// Values of the running session, read on demand; none of them asks anything outside.
    package struct Sources: Sendable {
        let budgets: @Sendable () -> [RequestBudget]
        let limits: @Sendable () -> [RateLimitUsage]
        let backoffs: @Sendable () -> [FailurePause]

        package init(
            budgets: @escaping @Sendable () -> [RequestBudget] = { [] },
            limits: @escaping @Sendable () -> [RateLimitUsage] = { [] },
            backoffs: @escaping @Sendable () -> [FailurePause] = { [] }
        ) {
            (self.budgets, self.limits, self.backoffs) = (budgets, limits, backoffs)
        }
    }

    private struct State {
        var status: StatusState
        var sources = Sources()
        var subscribers: [Int: AsyncStream<StatusEvent>.Continuation] = [:]
        var nextSubscriber = 0
        /// From the first session's beginning until the daemon stops.
        var isReady = false
    }

    private static let subscriberLimit = 32

    private let state: Mutex<State>
    private let clock: any Clock
    private let history: StatusHistoryStore?
    private let changes: AsyncStream<StatusHistoryChange>
    private let changeFeed: AsyncStream<StatusHistoryChange>.Continuation
    package let requests = RequestMeter()

    /// The state store's namespaces that the history is kept in.
    package static let namespaces = StatusHistoryStore.namespaces

    /// - Parameter store: where the history is kept; nil where nothing may be written.
    package init(_ daemon: DaemonStatus, store: StateStore?, clock: any Clock) {
        history = store.map(StatusHistoryStore.init)
        self.clock = clock
        let known = history?.load() ?? StatusHistory()
        let status = StatusState(daemon, history: known, at: clock.now, uptime: clock.uptime)
        state = Mutex(State(status: status))
        (changes, changeFeed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(StatusHistory.runLimit))
    }

    /// Saves the history to the store, until `stop`.
    package func saveHistory() async {
        for await change in changes { history?.save(change) }
    }

    package func sessionBegan(_ sources: Sources) {
        state.withLock { ($0.sources, $0.isReady) = (sources, true) }
    }

    /// The daemon stops: subscriptions end, and `saveHistory` returns when everything is written.
    package func stop() {
        changeFeed.finish()
        let subscribers = state.withLock { state in
            state.isReady = false
            defer { state.subscribers = [:] }
            return state.subscribers.values
        }
        for subscriber in subscribers { subscriber.finish() }
    }

    var isReady: Bool { state.withLock(\.isReady) }

    /// Which of the daemon's loops is stuck; nil when it is healthy.
    package var unhealthyReason: String? {
        state.withLock { $0.status.liveness.unhealthyReason(at: clock.uptime) }
    }

    var revision: Int { state.withLock(\.status.revision) }

    package var document: StatusDocument {
        let (status, sources) = state.withLock { ($0.status, $0.sources) }
        return StatusDocument(status, sources, now: clock.now)
    }

    var metrics: MetricsSnapshot {
        let (counters, requests) = (state.withLock(\.status.counters), requests.counts)
        return MetricsSnapshot(status: document, counters: counters, requests: requests, process: OwnProcess())
    }
}

extension StatusHub {
    /// Nil when there are too many subscribers. A subscriber that is too slow loses the oldest events.
    func subscribe() -> AsyncStream<StatusEvent>? {
        let (events, feed) = AsyncStream.makeStream(of: StatusEvent.self, bufferingPolicy: .bufferingNewest(256))
        let number: Int? = state.withLock { state in
            guard state.subscribers.count < Self.subscriberLimit else { return nil }
            state.nextSubscriber += 1
            state.subscribers[state.nextSubscriber] = feed
            return state.nextSubscriber
        }
        guard let number else { return nil }
        feed.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.subscribers.removeValue(forKey: number) }
        }
        feed.yield(.status(revision: revision))
        return events
    }

    var subscriberCount: Int { state.withLock(\.subscribers.count) }

    /// The status as soon as its revision differs from `revision`, or after `limit`.
    package func document(after revision: Int?, within limit: Duration) async -> StatusDocument {
        guard let revision, revision == self.revision else { return document }
        guard let events = subscribe() else {
            try? await clock.sleep(for: .seconds(1))
            return document
        }
        _ = try? await Timing.withTimeout(limit, of: clock) { [self] in
            for await _ in events where self.revision != revision { return true }
            return false
        }
        return document
    }

    private func update<Value>(_ change: (inout StatusState) -> Value, _ event: (Value) -> StatusEvent?) -> Value {
        let (value, message, subscribers) = state.withLock { state in
            let before = state.status.revision
            let value = change(&state.status)
            let revision = state.status.revision
            let message = event(value) ?? (revision == before ? nil : .status(revision: revision))
            return (value, message, message == nil ? [] : Array(state.subscribers.values))
        }
        if let message { for subscriber in subscribers { subscriber.yield(message) } }
        return value
    }

    package func connectionChanged(_ change: ConnectionChange) {
        update({ $0.connectionChanged(change, at: clock.now, uptime: clock.uptime) }, { nil })
    }

    package func triggered(_ trigger: Trigger, at time: Duration) {
        update({ $0.triggered(trigger) }, { nil })
    }

    package func waiting(until time: Duration) {
        let wait = time - clock.uptime
        update({ $0.waiting(until: clock.now + wait, uptime: time) }, { nil })
    }

    package func began(_ cause: RunCause, at time: Duration) {
        update({ $0.began(cause, at: clock.now, uptime: time) }, { nil })
    }

    package func progressed(_ progress: Progress) {
        _ = update({ $0.progressed(progress, at: clock.now, uptime: clock.uptime) }, { $0.map(StatusEvent.step) })
    }

    package func ended(_ report: Report, at time: Duration) {
        changeFeed.yield(update({ $0.ended(report, uptime: time) }, { _ in nil }))
    }
}

/// What subscribers are sent.
enum StatusEvent: Sendable {
    case status(revision: Int)
    case step(LiveStep)
}
