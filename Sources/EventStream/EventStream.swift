public import Docker
public import Log
import Model
import Synchronization
public import Timing
import Transport

/// Follows the engine's events for as long as its task lives, through restarts, hangs and changes of the engine's part.
///
/// Events are only hints, and some are lost on the way: every subscription after the first attempt triggers a run, which
/// lists and compares. The first one resumes from where this was made, so that nothing falls between it and the run that
/// the start itself is.
public final class EventStream: Sendable {
    let engine: EngineClient
    let clock: any Clock
    let log: Logger
    let pace: Pace
    private let hostLabels: [String]
    private let randomness: any Randomness
    private let created: Timestamp
    private let memory = Mutex(EventMemory())

    /// - Parameter hostLabels: on a plain engine, only containers with one of these labels matter.
    public init(
        engine: EngineClient,
        hostLabels: [String],
        clock: any Clock,
        randomness: any Randomness,
        log: Logger,
        pace: Pace = Pace()
    ) {
        self.engine = engine
        self.hostLabels = hostLabels
        self.clock = clock
        self.randomness = randomness
        self.log = log
        self.pace = pace
        created = clock.now
    }

    /// Calls `onTrigger` from the read path, so it must not block; returns when its task is cancelled.
    public func run(_ onTrigger: @escaping @Sendable (Trigger) -> Void) async {
        var backoff = Backoff(first: pace.firstWait, limit: pace.longestWait)
        var announced = Announced()
        var reason: String?
        while !Task.isCancelled {
            let began = clock.uptime
            let end: SubscriptionEnd
            do {
                let subscription = try await subscribe()
                if let lost = announced.following(subscription.mode, at: clock.uptime) { announce(subscription, lost) }
                if let reason { onTrigger(Trigger(.reconnection, reason)) }
                end = await follow(subscription, onTrigger)
            } catch {
                end = .refused("\(error)")
            }
            guard !Task.isCancelled else { return }
            reason = end.nextReason
            if case .modeChanged = end { continue }
            if clock.uptime - began >= pace.healthy {
                backoff.reset()
            } else if announced.lost(at: clock.uptime) {
                log.warning("lost the Docker engine's events", ["error.message": "\(end)"])
            }
            try? await clock.sleep(for: backoff.next(randomness, for: .engine))
        }
    }

    private func subscribe() async throws(EngineError) -> Subscription {
        let version = try await engine.negotiate()
        let mode = try await engine.mode()
        let relevance = Relevance(mode: mode, hostLabels: hostLabels)
        let since = memory.withLock { $0.latest.map { $0 - pace.margin } } ?? created
        let stream = try await engine.events(relevance.filter, since: since)
        return Subscription(version: version, mode: mode, relevance: relevance, stream: stream)
    }

    private func announce(_ subscription: Subscription, _ lost: Duration) {
        let fields: Logger.Fields = [
            "mode": "\(subscription.mode)", "api": "\(subscription.version)", "lost_for": lost.readable,
        ]
        log.info("following the Docker engine's events", fields)
        if let obstacle = subscription.mode.obstacle {
            log.warning("labels cannot be read here", ["error.message": obstacle])
        }
    }

    func take(_ event: EngineEvent, for subscription: Subscription, _ onTrigger: (Trigger) -> Void) {
        guard memory.withLock({ $0.isNew(event) }), subscription.relevance.isRelevant(event) else { return }
        onTrigger(event.trigger)
    }
}
