package import Log
package import Model
package import Ports
package import State
import Synchronization
import Timing

/// Announces what has changed since the last announcement.
/// Each receiver has its own memory of what was announced to it: one that is down delays only its own notices, and a new one
/// begins with a summary. Notices go into outboxes at once; `run` delivers them, beside everything else.
package final class NoticeStage: Sendable {
    private static let lifecycleKey = "landfall"

    private let receivers: [any NoticeReceiver]
    private let workers: [OutboxWorker]
    private let heartbeat: Heartbeat?
    private let state: StateStore
    private let clock: any Clock
    private let log: Logger
    /// When Landfall started; nil until that is announced.
    private let start = Mutex<Timestamp?>(nil)
    /// Why a notifier takes no notices for longer than an outage lasts, by its name.
    private let silenceReasons = Mutex<[String: String]>([:])

    package init(
        receivers: [any NoticeReceiver] = [],
        workers: [OutboxWorker] = [],
        heartbeat: Heartbeat? = nil,
        state: StateStore,
        clock: any Clock,
        log: Logger
    ) {
        (self.receivers, self.workers, self.heartbeat) = (receivers, workers, heartbeat)
        (self.state, self.clock, self.log) = (state, clock, log)
    }

    /// Announces the conditions after a run that are new. Returns at once. `isClean` is for the heartbeat.
    @discardableResult
    package func announce(
        _ conditions: [Condition],
        unobserved: Unobserved = .nothing,
        isClean: Bool = true
    ) -> [NoticeResult] {
        heartbeat?.report(isClean: isClean)
        let received = receivers.map { receiver in
            result(receiver.name) { () throws(StateError) in try announce(conditions, unobserved, to: receiver) }
        }
        var all = conditions
        if let start = start.withLock(\.self) {
            all.append(Condition(key: Self.lifecycleKey, value: "\(start)", line: "Landfall started"))
        }
        let silences = silenceReasons.withLock(\.self).map { ($0, SilentNotifier.condition($0, $1)) }
        // That a notifier takes notices again is known from a delivery alone.
        let unobserved = unobserved.adding(keys: workers.map { SilentNotifier.key($0.notifier.name) })
        let enqueued = workers.map { worker in
            let name = worker.notifier.name
            return result(name) { [all] () throws(StateError) in
                try worker.enqueue(all + silences.filter { $0.0 != name }.map(\.1), unobserved: unobserved)
            }
        }
        return received + enqueued
    }

    /// Announces to the other notifiers that one takes no notices, and why; or with nil that it does again.
    private func silenceChanged(_ notifier: String, _ reason: String?) {
        silenceReasons.withLock { $0[notifier] = reason }
        let conditions = [reason.map { SilentNotifier.condition(notifier, $0) }].compactMap(\.self)
        for worker in workers where worker.notifier.name != notifier {
            _ = result(worker.notifier.name) { () throws(StateError) in
                try worker.enqueue(conditions, unobserved: .everything(but: SilentNotifier.key(notifier)))
            }
        }
    }

    /// Lets the next notice say that Landfall started.
    package func announceStart() { start.withLock { $0 = clock.now } }

    /// Announces that Landfall stops.
    package func announceStop() {
        for worker in workers {
            _ = result(worker.notifier.name) { () throws(StateError) in
                let message = Message(title: "Landfall stopped", lines: [], level: .info)
                try worker.enqueue(message, removing: Self.lifecycleKey)
                return message
            }
        }
    }

    private func announce(
        _ conditions: [Condition],
        _ unobserved: Unobserved,
        to receiver: any NoticeReceiver
    ) throws(StateError) -> Message? {
        let store = AnnouncedCondition.namespace(of: receiver.name, in: state)
        let difference = NoticeDifference(from: try store.all(), to: conditions, unobserved: unobserved)
        if let message = difference.message { receiver.receive(message) }
        try store.commit(difference.changes)
        return difference.message
    }

    private func result(_ name: String, _ announce: () throws(StateError) -> Message?) -> NoticeResult {
        do throws(StateError) {
            return NoticeResult(notifier: name, outcome: try announce().map { .changed($0.title) } ?? .unchanged)
        } catch {
            let text = "cannot load or save what was announced: \(error)"
            log.warning("cannot read or write the state of notices", [.notifier: .string(name), .error: .string(text)])
            return NoticeResult(notifier: name, outcome: .failed(text))
        }
    }

    /// Delivers the notices in the outboxes and those that follow, each notifier by itself, until it is told to end.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for worker in workers {
                group.addTask { await worker.run { self.silenceChanged(worker.notifier.name, $0) } }
            }
            if let heartbeat { group.addTask { await heartbeat.run() } }
        }
    }

    /// Lets `run` go on delivering for `limit` at most, and returns when it has ended. The rest stays in the outboxes.
    package func end(within limit: Duration) async {
        let handles = workers.map(\.handle) + [heartbeat?.handle].compactMap(\.self)
        guard !handles.isEmpty else { return }
        for handle in handles { handle.end(by: clock.uptime + limit) }
        _ = try? await withTimeout(limit, of: clock) {
            for handle in handles { await handle.waitUntilFinished() }
            return true
        }
    }

    /// Delivers what can be delivered within `limit`.
    package func deliver(within limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.run() }
            await end(within: limit)
            group.cancelAll()
        }
    }
}

/// The condition that a notifier takes no notices.
private enum SilentNotifier {
    static func key(_ notifier: String) -> String { "notifier/\(notifier)" }

    static func condition(_ notifier: String, _ reason: String) -> Condition {
        Condition(
            key: key(notifier),
            value: "silent",
            line: "the notifier \(notifier) takes no notices: \(reason)",
            level: .error,
            recovery: "the notifier \(notifier) takes notices again"
        )
    }
}

package struct NoticeResult: Sendable, Hashable {
    package let notifier: String
    /// Unchanged: there was nothing to announce. Changed: the notice is in the outbox, or delivered. Failed: it is tried again.
    /// Refused: it is tried again, but a person has to change something.
    package let outcome: Outcome
}
