package import Docker
package import Log
import Model
package import Ports
package import State
import Synchronization
package import Timing

/// Follows the engine's events until its task is cancelled, through restarts, hangs and changes of the engine's role.
///
/// Events are only hints, and some are lost: every subscription after the first attempt triggers a run. The first one resumes
/// where the last process left off, or from when this was made, so nothing falls between it and the first run.
package final class EventStream: Sendable {
    let engine: EngineClient
    let confirmed: ConfirmedEngine
    let clock: any Clock
    let log: Logger
    let policy: ReconnectPolicy
    let hostLabels: [String]
    let readsEveryContainer: Bool
    let onChange: @Sendable (ConnectionChange) -> Void
    private let randomness: any Randomness
    private let created: Timestamp
    private static let key = "history"
    private let store: StateStore.Namespace<EventHistory.Record>
    private let history: Mutex<EventHistory>

    /// - Parameters:
    ///   - hostLabels: on a plain engine, only containers with one of these labels matter.
    ///   - readsEveryContainer: whether the others matter as well.
    ///   - state: remembers across restarts which events were seen, and what the engine was.
    ///   - onChange: called with changes of the connection, and at least once a minute when it is checked; it must not block.
    package init(
        engine: EngineClient,
        hostLabels: [String],
        readsEveryContainer: Bool = false,
        state: StateStore,
        clock: any Clock,
        randomness: any Randomness,
        log: Logger,
        policy: ReconnectPolicy = ReconnectPolicy(),
        onChange: @escaping @Sendable (ConnectionChange) -> Void = { _ in }
    ) {
        (self.engine, self.hostLabels, self.clock, self.randomness) = (engine, hostLabels, clock, randomness)
        (self.log, self.policy, self.onChange) = (log, policy, onChange)
        self.readsEveryContainer = readsEveryContainer
        confirmed = ConfirmedEngine(state: state, clock: clock)
        created = clock.now
        store = StateStore.Namespace("events", in: state)
        // A new history if none can be read: the engine then sends some events twice, which costs a run.
        let record = try? store.load(Self.key)
        history = Mutex(record.map { [created] in EventHistory($0, at: created) } ?? EventHistory())
    }

    /// Calls `onTrigger` from the read path, so it must not block; returns when its task is cancelled.
    package func run(_ onTrigger: @escaping @Sendable (Trigger) -> Void) async {
        defer { save() }
        var backoff = Backoff(first: policy.firstWait, limit: policy.longestWait)
        // Loss, recovery and a new mode are announced once each and not at every try.
        var lostSince: Duration?
        var announced: EngineMode?
        var last: SubscriptionEnd?
        while !Task.isCancelled {
            onChange(.checked)
            let began = clock.uptime
            let end: SubscriptionEnd
            do {
                let subscription = try await subscribe()
                if lostSince != nil || announced != subscription.mode {
                    announce(subscription, lostSince.map { clock.uptime - $0 } ?? .zero)
                }
                (announced, lostSince) = (subscription.mode, nil)
                onChange(
                    .following(subscription.mode, subscription.version, unreadableReason: subscription.unreadableReason)
                )
                if let last { onTrigger(last.trigger) }
                end = await follow(subscription, onTrigger)
            } catch {
                end = .refused("\(error)")
            }
            save()
            guard !Task.isCancelled else { return }
            last = end
            if case .modeChanged = end { continue }
            onChange(.lost("\(end)"))
            // A hang may have lasted half a minute when it is found: the next try must not wait as long again.
            if case .hung = end { backoff.reset() }
            if clock.uptime - began >= policy.healthy {
                backoff.reset()
            } else if lostSince == nil {
                lostSince = clock.uptime
                log.warning("lost the Docker engine's events", [.error: "\(end)"])
            }
            try? await clock.sleep(for: backoff.next(randomness, for: .events))
        }
    }

    private func subscribe() async throws(EngineError) -> Subscription {
        let version = try await engine.negotiate()
        let mode = try await engine.mode()
        let since = history.withLock { $0.start(margin: policy.margin) } ?? created
        let stream = try await engine.events(Relevance(mode: mode).filter, since: since)
        return Subscription(
            version: version,
            mode: mode,
            unreadableReason: confirmed.unreadableReason(of: mode),
            stream: stream,
            relevance: Relevance(mode: mode, readsEveryContainer: readsEveryContainer)
        )
    }

    private func announce(_ subscription: Subscription, _ lost: Duration) {
        let fields: Logger.Fields = [
            .engine: "\(subscription.mode)", .apiVersion: "\(subscription.version)", .disconnected: .duration(lost),
        ]
        log.info("following the Docker engine's events", fields)
        if let reason = subscription.unreadableReason {
            log.warning("cannot read labels here", [.error: .string(reason)])
        }
    }

    func handle(_ event: EngineEvent, for subscription: Subscription, _ onTrigger: (Trigger) -> Void) {
        let now = clock.now
        guard subscription.relevance.isRelevant(event), history.withLock({ $0.isNew(event, at: now) }) else { return }
        onTrigger(event.trigger)
    }

    /// Not from the read path, which must not wait for the disk.
    func save() {
        guard let record = history.withLock({ $0.record(margin: policy.margin) }) else { return }
        try? store.save(record, for: Self.key)
    }
}

/// The event stream's intervals and limits.
package struct ReconnectPolicy: Sendable {
    /// Between two looks at whether the daemon still answers. A hung one keeps its connections and says nothing.
    package var watchInterval: Duration = .seconds(15)
    package var pingLimit: Duration = .seconds(5)
    /// How far before the last event a new subscription begins.
    package var margin: Duration = .seconds(10)
    /// A stream that lasted this long was healthy: the next wait begins small again.
    package var healthy: Duration = .seconds(60)
    package var firstWait: Duration = .milliseconds(500)
    package var longestWait: Duration = .seconds(30)

    package init() {}
}

/// A change of the event stream's connection to the engine.
package enum ConnectionChange: Sendable {
    /// Events arrive. The reason says why labels cannot be read all the same.
    case following(EngineMode, APIVersion, unreadableReason: String?)
    case lost(String)
    /// Nothing changed; the connection was checked.
    case checked
}
