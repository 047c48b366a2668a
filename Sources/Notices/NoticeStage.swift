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
        let enqueued = workers.map { worker in
            result(worker.notifier.name) { [all] () throws(StateError) in
                try worker.enqueue(all, unobserved: unobserved)
            }
        }
        return received + enqueued
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
            for worker in workers { group.addTask { await worker.run() } }
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

package struct NoticeResult: Sendable, Hashable {
    package let notifier: String
    /// Unchanged: there was nothing to announce. Changed: the notice is in the outbox. Failed: the next run announces it.
    package let outcome: Outcome
}
