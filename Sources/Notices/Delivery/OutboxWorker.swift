package import Log
import Model
package import Ports
package import State
import Synchronization
import Timing

/// Delivers the notices of one notifier in order, from an outbox in the state store that outlives the process.
/// Each is delivered at least once. One that could not be delivered for a day is discarded, and the next one says so.
package final class OutboxWorker: Sendable {
    private static let ageLimit: Duration = .seconds(86_400)
    /// How many times the notifier may find a notice unacceptable before it is discarded.
    private static let rejectionLimit = 5
    /// An outage that lasts longer is no longer left to end by itself.
    private static let outageLimit: Duration = .seconds(3600)

    package let notifier: any Notifier
    private let level: NoticeLevel
    private let instance: String
    private let state: StateStore
    private let announced: StateStore.Namespace<AnnouncedCondition>
    private let outboxes: OutboxStore
    private let clock: any Clock
    private let randomness: any Randomness
    private let log: Logger
    private let observer: @Sendable (NoticeResult) -> Void
    let handle: WorkerHandle
    /// Held while the store is read and what follows from that is written.
    private let lock = Mutex(())
    private let silence = Mutex(Silence())

    /// Whether the notifier takes notices, as its deliveries show.
    private struct Silence {
        /// The uptime of the first failure since the last delivery.
        var since: Duration?
        /// What was last said of it; none was said yet in this process.
        var said: String??
    }

    /// - Parameter observer: is called after every attempt; it must not block.
    package init(
        _ notifier: any Notifier,
        atLeast level: NoticeLevel,
        instance: String,
        state: StateStore,
        clock: any Clock,
        randomness: any Randomness,
        log: Logger,
        observer: @escaping @Sendable (NoticeResult) -> Void = { _ in }
    ) {
        (self.notifier, self.level, self.instance, self.state) = (notifier, level, instance, state)
        (self.clock, self.randomness, self.log) = (clock, randomness, log)
        self.observer = observer
        announced = AnnouncedCondition.namespace(of: notifier.name, in: state)
        outboxes = OutboxStore(of: notifier.name, in: state)
        handle = WorkerHandle(clock)
    }

    /// Puts what is new in `conditions` into the outbox, and returns it.
    func enqueue(_ conditions: [Condition], unobserved: Unobserved) throws(StateError) -> Message? {
        try lock.withLock { _ throws(StateError) in
            let known = try announced.all()
            let new = NoticeDifference(from: known, to: conditions, unobserved: unobserved, atLeast: level)
            try commit(new.message, problems: new.problems, known, changes: new.changes)
            return new.message
        }
    }

    /// Puts a message of its own into the outbox.
    func enqueue(_ message: Message, removing key: String) throws(StateError) {
        guard message.level >= level else { return }
        try lock.withLock { _ throws(StateError) in
            try commit(message, problems: [], try announced.all(), changes: [key: nil])
        }
    }

    private func commit(
        _ message: Message?,
        problems: [String],
        _ known: NoticeDifference.Announced,
        changes: [String: AnnouncedCondition?]
    ) throws(StateError) {
        guard let message else { return try announced.commit(changes) }
        var outbox = try outboxes.load()
        let discarded = outbox.add(message, problems: problems, of: instance, at: clock.now)
        let repeated = Self.problemsToRepeat(discarded, known).filter { changes[$0.key] == nil }
        var all = StateStore.Changes()
        all.add(changes.merging(repeated) { $1 }, in: announced)
        outboxes.save(outbox, in: &all)
        handle.wake()
        try state.commit(all)
        if !discarded.isEmpty { logDiscarded(discarded.count, "there were too many") }
    }

    /// Delivers the notices in the outbox and those that follow, until it is told to end.
    /// - Parameter onSilence: gets the reason when the notifier takes no notices, and nil when it does again.
    func run(_ onSilence: @Sendable (String?) -> Void) async {
        await handle.run({ lock.withLock { _ in (try? outboxes.load())?.first } }) { first, policy in
            await attempt(first.key, first.item.notice, &policy, onSilence)
        }
    }

    private func attempt(
        _ key: String,
        _ notice: Notice,
        _ policy: inout RetryPolicy,
        _ onSilence: @Sendable (String?) -> Void
    ) async {
        do throws(NotifierError) {
            try await deliver(notice)
        } catch {
            guard !Task.isCancelled else { return }
            failed(key, error, &policy)
            observer(NoticeResult(notifier: notifier.name, outcome: error.outcome))
            sayChanged(error, onSilence)
            return
        }
        sayChanged(nil, onSilence)
        if policy.failures > 0 { log.info("notices are delivered again", [.notifier: .string(notifier.name)]) }
        policy.succeeded(at: clock.uptime)
        // A store that cannot be written remembers it for this process, and says so in the report.
        update { outbox in
            outbox.remove(key)
            return []
        }
        observer(NoticeResult(notifier: notifier.name, outcome: .changed(notice.message.title)))
    }

    /// Says once what a person has to know of the notifier.
    private func sayChanged(_ error: NotifierError?, _ onSilence: (String?) -> Void) {
        let now = clock.uptime
        let reason: String?? = silence.withLock { silence in
            silence.since = error == nil ? nil : silence.since ?? now
            let isOutage = silence.since.map { now - $0 >= Self.outageLimit } ?? false
            if let error, !error.isRefusal, !isOutage { return nil }
            let reason = error?.description
            // An outage has a new text each time.
            guard silence.said == nil || (silence.said.flatMap(\.self) == nil) != (reason == nil) else { return nil }
            silence.said = .some(reason)
            return .some(reason)
        }
        if let reason { onSilence(reason) }
    }

    private func deliver(_ notice: Notice) async throws(NotifierError) {
        do {
            let isDelivered = try await withTimeout(notifier.timeLimit, of: clock) { [notifier] in
                try await notifier.deliver(notice)
                return true
            }
            if isDelivered == nil { throw NotifierError.unavailable("no answer within \(notifier.timeLimit.readable)") }
        } catch let error as NotifierError {
            throw error
        } catch {
            throw .unavailable(sanitized("\(error)"))
        }
    }

    private func failed(_ key: String, _ error: NotifierError, _ policy: inout RetryPolicy) {
        var pause: Duration?
        if case .tooSoon(let time) = error { pause = time }
        policy.failed(at: clock.uptime, pause: pause, randomness, for: notifier.scope)
        let fields: Logger.Fields = [
            .notifier: .string(notifier.name), .error: .string(error.description),
            .retryIn: .duration(policy.due - clock.uptime),
        ]
        let level: Logger.Level = error.isRefusal ? .error : .warning
        log.log(policy.failures == 1 ? level : .debug, "cannot deliver a notice", fields)
        if case .unacceptable = error, policy.rejections(of: key) >= Self.rejectionLimit {
            discard("the notifier does not accept it: \(error)") { other, _ in other == key }
            policy.succeeded(at: clock.uptime)
        }
        // After an attempt only: a changed system clock must not empty the outbox.
        let oldest = clock.now - Self.ageLimit
        discard("no delivery succeeded for a day: \(error)") { $1.notice.time < oldest }
    }

    private func discard(_ reason: String, where isHopeless: (String, OutboxItem) -> Bool) {
        let count = update { outbox in outbox.discard(where: isHopeless) }
        if count > 0 { logDiscarded(count, reason) }
    }

    /// Changes the outbox; what `body` discards and returns is counted, and its problems are announced again.
    @discardableResult
    private func update(_ body: (inout Outbox) -> [OutboxItem]) -> Int {
        lock.withLock { _ in
            guard var outbox = try? outboxes.load() else { return 0 }
            let discarded = body(&outbox)
            var changes = StateStore.Changes()
            outboxes.save(outbox, in: &changes)
            if !discarded.isEmpty {
                changes.add(Self.problemsToRepeat(discarded, announced.allIfReadable()), in: announced)
            }
            try? state.commit(changes)
            return discarded.count
        }
    }

    private func logDiscarded(_ count: Int, _ reason: String) {
        log.error(
            "gave up on notices",
            [.notifier: .string(notifier.name), .count: .int(count), .error: .string(reason)]
        )
    }

    /// The problems in discarded notices that still hold: they are announced again, for nothing announced them.
    private static func problemsToRepeat(
        _ discarded: [OutboxItem],
        _ known: NoticeDifference.Announced
    ) -> [String: AnnouncedCondition?] {
        let keys = Set(discarded.flatMap(\.problems)).filter { known[$0]?.isProblem == true }
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, nil) })
    }
}
