public import Log
public import Model
public import Ports
public import State
import Synchronization
import Timing

/// Tells people what became different since they were last told.
///
/// Each of those who are told has its own memory of it, so one that is down owes only its own notices, and a new one starts
/// with a summary. What is told goes into outboxes, at once; it is delivered by whoever calls `run`, beside everything else.
public struct NoticeStage: Sendable {
    private static let presence = "landfall"

    private let listeners: [any NoticeReceiver]
    private let couriers: [OutboxWorker]
    private let heartbeat: Heartbeat?
    private let state: StateStore
    private let clock: any Clock
    private let log: Logger
    private let start = Start()

    public init(
        listeners: [any NoticeReceiver] = [],
        couriers: [OutboxWorker] = [],
        heartbeat: Heartbeat? = nil,
        state: StateStore,
        clock: any Clock,
        log: Logger
    ) {
        (self.listeners, self.couriers, self.heartbeat) = (listeners, couriers, heartbeat)
        (self.state, self.clock, self.log) = (state, clock, log)
    }

    /// Takes what holds after a run, and makes notices of what is new in it. Returns at once.
    ///
    /// - Parameters:
    ///   - unseen: what the run could not see.
    ///   - isClean: whether the run went well, for the heartbeat.
    @discardableResult
    public func tell(_ standing: [Condition], unseen: Unobserved = .nothing, isClean: Bool = true) -> [NoticeResult] {
        heartbeat?.beat(isWell: isClean)
        let heard = listeners.map { listener in
            result(listener.name) { () throws(StateError) in try tell(listener, standing, unseen) }
        }
        let all = standing + [start.standing(of: Self.presence)].compactMap(\.self)
        return heard
            + couriers.map { courier in
                result(courier.notifier.name) { () throws(StateError) in
                    try courier.take(all, unseen: unseen)
                }
            }
    }

    /// The next notice says that Landfall started.
    public func sayHello() {
        start.set(clock.now)
    }

    /// Says that Landfall stops.
    public func sayFarewell() {
        for courier in couriers {
            _ = result(courier.notifier.name) { () throws(StateError) in
                let message = Message(title: "Landfall stopped", lines: [], level: .info)
                try courier.take(message, remembering: [Self.presence: nil])
                return message
            }
        }
    }

    private func tell(
        _ listener: any NoticeReceiver,
        _ standing: [Condition],
        _ unseen: Unobserved
    ) throws(StateError) -> Message? {
        let room = "notices/" + listener.name
        let new = NoticeDifference(from: try state.facts(in: room), to: standing, unseen: unseen)
        if let message = new.message { listener.hear(message) }
        try state.commit(new.changes, in: room)
        return new.message
    }

    private func result(_ name: String, _ take: () throws(StateError) -> Message?) -> NoticeResult {
        do throws(StateError) {
            return NoticeResult(notifier: name, outcome: try take().map { .changed($0.title) } ?? .unchanged)
        } catch {
            let text = "what is said cannot be remembered: \(error)"
            log.warning("the notices' memory fails", ["notifier": name, "error.message": text])
            return NoticeResult(notifier: name, outcome: .failed(text))
        }
    }
}

extension NoticeStage {
    /// Delivers what is in the outboxes and what comes, every notifier for itself, until it is told to end.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            for courier in couriers { group.addTask { await courier.run() } }
            if let heartbeat { group.addTask { await heartbeat.run() } }
        }
    }

    /// Lets `run` deliver what can be delivered within `limit`, and returns when it has. The rest stays in the outboxes.
    public func end(within limit: Duration) async {
        let lanes = couriers.map(\.lane) + [heartbeat?.lane].compactMap(\.self)
        guard !lanes.isEmpty else { return }
        for lane in lanes { lane.end(by: clock.uptime + limit) }
        _ = try? await withTimeout(limit, of: clock) {
            for lane in lanes { await lane.awaitEnd() }
            return true
        }
    }

    /// Delivers what can be delivered within `limit`.
    public func deliver(within limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await run() }
            await end(within: limit)
            group.cancelAll()
        }
    }
}

public struct NoticeResult: Sendable, Hashable {
    public let notifier: String
    /// Unchanged: there was nothing to say. Changed: it is in the outbox. Failed: it stays owed to the next run.
    public let outcome: Outcome

    public init(notifier: String, outcome: Outcome) {
        (self.notifier, self.outcome) = (notifier, outcome)
    }
}

/// When Landfall started, once it did.
private final class Start: Sendable {
    private let time = Mutex<Timestamp?>(nil)

    func set(_ now: Timestamp) {
        time.withLock { $0 = now }
    }

    func standing(of key: String) -> Condition? {
        time.withLock(\.self).map { Condition(key: key, value: "\($0)", line: "Landfall started") }
    }
}
