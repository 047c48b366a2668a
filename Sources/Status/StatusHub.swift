public import EventStream
public import Model
public import Ports
public import Report
public import State
import Synchronization
public import Timing

/// Where the daemon's work is written up while it happens, for whoever wants to see it. Whoever tells it something is not
/// held up: nothing is written to the disk or to a client here.
public final class StatusHub: Sendable {
    /// Whom the session at work lets be asked, at the moment of the question; none of them goes outside.
    public struct Sources: Sendable {
        let budgets: @Sendable () -> [RequestBudget]
        let limits: @Sendable () -> [RateLimitUsage]
        let backoffs: @Sendable () -> [FailurePause]

        public init(
            budgets: @escaping @Sendable () -> [RequestBudget] = { [] },
            limits: @escaping @Sendable () -> [RateLimitUsage] = { [] },
            backoffs: @escaping @Sendable () -> [FailurePause] = { [] }
        ) {
            (self.budgets, self.limits, self.backoffs) = (budgets, limits, backoffs)
        }
    }

    private struct State {
        var knowledge: StatusState
        var sources = Sources()
        var watchers: [Int: AsyncStream<StatusEvent>.Continuation] = [:]
        var nextWatcher = 0
        /// Where no session has begun, or none will follow.
        var isReady = false
    }

    private let state: Mutex<State>
    private let clock: any Clock
    private let archive: StatusHistoryStore?
    private let news: AsyncStream<StatusHistoryChange>
    private let newsFeed: AsyncStream<StatusHistoryChange>.Continuation
    public let requests = RequestMeter()

    /// The state store's room that the past is kept in.
    public static let room = StatusHistoryStore.room

    /// - Parameter store: where the past is kept; nil where nothing may be written.
    public init(_ daemon: DaemonStatus, store: StateStore?, clock: any Clock) {
        archive = store.map(StatusHistoryStore.init)
        self.clock = clock
        let past = archive?.read() ?? StatusHistory()
        let knowledge = StatusState(daemon, remembering: past, at: clock.now, uptime: clock.uptime)
        state = Mutex(State(knowledge: knowledge))
        (news, newsFeed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(StatusHistory.runs))
    }

    /// Writes to the store what is to outlive the process, until `end`.
    public func keep() async {
        for await news in news { archive?.write(news) }
    }

    /// A session begins.
    public func begin(_ sources: Sources) {
        state.withLock { ($0.sources, $0.isReady) = (sources, true) }
    }

    /// The daemon stops: those who watch are let go, and `keep` returns when all is written.
    public func end() {
        newsFeed.finish()
        let watchers = state.withLock { state in
            state.isReady = false
            defer { state.watchers = [:] }
            return state.watchers.values
        }
        for watcher in watchers { watcher.finish() }
    }

    var isReady: Bool { state.withLock(\.isReady) }

    /// What does not turn; nil when all does.
    public var complaint: String? { state.withLock { $0.knowledge.pulse.complaint(at: clock.uptime) } }

    var revision: Int { state.withLock(\.knowledge.revision) }

    public var document: StatusDocument {
        let (knowledge, sources) = state.withLock { ($0.knowledge, $0.sources) }
        return StatusDocument(
            knowledge,
            budgets: sources.budgets(),
            limits: sources.limits(),
            backoffs: sources.backoffs(),
            now: clock.now
        )
    }

    var figures: MetricsSnapshot {
        let (tally, document) = (state.withLock(\.knowledge.tally), document)
        return MetricsSnapshot(status: document, tally: tally, requests: requests.counts, process: OwnProcess.read())
    }
}

extension StatusHub {
    /// Nil when the daemon stops, or so many watch already that no other may.
    ///
    /// Of what a watcher is too slow to take, the oldest is dropped.
    func watch() -> AsyncStream<StatusEvent>? {
        let (events, feed) = AsyncStream.makeStream(of: StatusEvent.self, bufferingPolicy: .bufferingNewest(256))
        let number: Int? = state.withLock { state in
            guard state.watchers.count < Self.watchers else { return nil }
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = feed
            return state.nextWatcher
        }
        guard let number else { return nil }
        feed.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.watchers.removeValue(forKey: number) }
        }
        feed.yield(.status(revision: revision))
        return events
    }

    /// At a time.
    private static let watchers = 32

    var watcherCount: Int { state.withLock(\.watchers.count) }

    /// The status as soon as it is another than that of `revision`, or after `limit`.
    public func document(after revision: Int?, within limit: Duration) async -> StatusDocument {
        guard let revision, revision == self.revision else { return document }
        guard let events = watch() else {
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
        let (value, message, watchers) = state.withLock { state in
            let before = state.knowledge.revision
            let value = change(&state.knowledge)
            let revision = state.knowledge.revision
            let message = event(value) ?? (revision == before ? nil : .status(revision: revision))
            return (value, message, message == nil ? [] : Array(state.watchers.values))
        }
        if let message { for watcher in watchers { watcher.yield(message) } }
        return value
    }
}

extension StatusHub {
    public func engine(_ change: ConnectionChange) {
        update({ $0.take(change, at: clock.now, uptime: clock.uptime) }, { nil })
    }

    public func triggered(_ trigger: Trigger, at time: Duration) {
        update({ $0.triggered(trigger) }, { nil })
    }

    public func waiting(until time: Duration) {
        let wait = time - clock.uptime
        update({ $0.waiting(until: clock.now + wait, uptime: time) }, { nil })
    }

    public func began(_ cause: RunCause, at time: Duration) {
        update({ $0.began(cause, at: clock.now, uptime: time) }, { nil })
    }

    public func progressed(_ progress: Progress) {
        _ = update({ $0.progressed(progress, at: clock.now, uptime: clock.uptime) }, { $0.map(StatusEvent.step) })
    }

    public func ended(_ report: Report, at time: Duration) {
        newsFeed.yield(update({ $0.ended(report, uptime: time) }, { _ in nil }))
    }
}

/// What those hear who watch.
enum StatusEvent: Sendable {
    /// The status is another than before.
    case status(revision: Int)
    case step(LiveStep)
}
