public import Log
import Model
public import Ports
public import State
import Synchronization
import Timing

/// Brings one notifier its notices, one after the other, out of an outbox in the state store that outlives the process.
///
/// What is said of the world and the notice that says it are committed together; the notice leaves the outbox after its
/// delivery. So each is delivered at least once, in order, whenever the notifier can be reached; one that cannot be
/// delivered for a day is given up, and the next one tells so.
public final class OutboxWorker: Sendable {
    /// For one try.
    private static let limit: Duration = .seconds(20)
    private static let patience: Duration = .seconds(86_400)
    /// So often a notice is tried that the notifier finds fault with.
    private static let tries = 5

    public let notifier: any Notifier
    private let level: NoticeLevel
    private let instance: String
    private let state: StateStore
    private let clock: any Clock
    private let randomness: any Randomness
    private let log: Logger
    private let observer: @Sendable (NoticeResult) -> Void
    let lane: WorkerHandle
    /// Who holds it may read the store and write what follows from that.
    private let turn = Mutex(())

    /// - Parameters:
    ///   - level: what is below it the notifier is not told.
    ///   - observer: is told of every try; it must not block.
    public init(
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
        lane = WorkerHandle(clock)
    }

    private var toldRoom: String { "notices/" + notifier.name }
    private var outboxRoom: String { "outbox/" + notifier.name }
    private var threadRoom: String { "threads/" + notifier.name }

    /// Takes what is new in `standing` to be delivered, and returns it.
    func take(_ standing: [Condition], unseen: Unobserved) throws(StateError) -> Message? {
        try turn.withLock { _ throws(StateError) in
            let told = try state.facts(in: toldRoom)
            let new = NoticeDifference(from: told, to: standing, unseen: unseen, atLeast: level)
            try post(new.message, problems: new.problems, told: told, changes: new.changes)
            return new.message
        }
    }

    /// Takes a message of its own.
    func take(_ message: Message, remembering changes: [String: String?]) throws(StateError) {
        guard message.level >= level else { return }
        try turn.withLock { _ throws(StateError) in
            try post(message, problems: [], told: try state.facts(in: toldRoom), changes: changes)
        }
    }

    private func post(
        _ message: Message?,
        problems: [String],
        told: [String: String],
        changes: [String: String?]
    ) throws(StateError) {
        guard let message else { return try state.commit(changes, in: toldRoom) }
        var backlog = Outbox(try state.facts(in: outboxRoom))
        let given = backlog.add(message, problems: problems, of: instance, at: clock.now)
        let owed = Self.owed(given, told).filter { changes[$0.key] == nil }
        let rooms = [toldRoom: changes.merging(owed) { $1 }, outboxRoom: backlog.changes]
        lane.wake()
        try state.commit(rooms)
        if !given.isEmpty { say(given.count, "they were too many") }
    }

    /// Delivers what there is and what comes, until it is told to end.
    func run() async {
        defer { lane.die() }
        var pace = RetryPolicy()
        // A thread that is gone must hold up nothing: after a refusal the notice stands for itself.
        var isThreading = true
        while !Task.isCancelled {
            guard let (key, letter) = next() else {
                if lane.isEnding { return }
                await lane.wait()
                continue
            }
            guard lane.allows(pace.due) else { return }
            if pace.due > clock.uptime {
                await lane.wait(until: pace.due)
            } else {
                let error = await attempt(key, letter, &pace, isThreading: isThreading)
                if case .refused = error { isThreading = false } else if error == nil { isThreading = true }
            }
        }
    }

    private func next() -> (key: String, letter: OutboxItem)? {
        turn.withLock { _ in (try? state.facts(in: outboxRoom)).flatMap { Outbox($0).first } }
    }

    private func attempt(
        _ key: String,
        _ letter: OutboxItem,
        _ pace: inout RetryPolicy,
        isThreading: Bool
    ) async -> NotifierError? {
        let talks = MessageThreads((try? state.facts(in: threadRoom)) ?? [:], at: clock.now)
        let thread = isThreading ? talks.thread(for: letter.notice.message) : nil
        switch await deliver(letter.notice, in: thread) {
        case .success(let receipt):
            if pace.failures > 0 { log.info("notices are delivered again", ["notifier": notifier.name]) }
            pace.delivered(at: clock.uptime)
            let changes = (thread ?? receipt.thread).map { talks.changes(with: letter.notice.message, in: $0) }
            delivered(key, changes ?? [:])
            observer(NoticeResult(notifier: notifier.name, outcome: .changed(letter.notice.message.title)))
            return nil
        case .failure(let error):
            if !Task.isCancelled {
                failed(key, error, &pace)
                observer(NoticeResult(notifier: notifier.name, outcome: .failed(error.description)))
            }
            return error
        }
    }

    private func deliver(_ notice: Notice, in thread: String?) async -> Result<Receipt, NotifierError> {
        do {
            let receipt = try await withTimeout(Self.limit, of: clock) { [notifier] in
                try await notifier.deliver(notice, in: thread)
            }
            return receipt.map { .success($0) } ?? .failure(.unavailable("no answer within \(Self.limit.readable)"))
        } catch let error as NotifierError {
            return .failure(error)
        } catch {
            return .failure(.unavailable(sanitized("\(error)")))
        }
    }

    /// A store that cannot be written remembers it for this process, and says so in the report.
    private func delivered(_ key: String, _ talks: [String: String?]) {
        turn.withLock { _ in
            try? state.commit([outboxRoom: [key: nil], threadRoom: talks])
        }
    }

    private func failed(_ key: String, _ error: NotifierError, _ pace: inout RetryPolicy) {
        var pause: Duration?
        if case .tooSoon(let time) = error { pause = time }
        pace.failed(at: clock.uptime, pause: pause, randomness, for: notifier.scope)
        let fields: Logger.Fields = [
            "notifier": notifier.name, "error.message": error.description,
            "next": "in \((pace.due - clock.uptime).readable)",
        ]
        log.log(pace.failures == 1 ? .warning : .debug, "a notice was not delivered", fields)
        if case .unacceptable = error, pace.foundFault(with: key) >= Self.tries {
            giveUp("it is not accepted: \(error)") { other, _ in other == key }
            pace.delivered(at: clock.uptime)
        }
        // Not before it was tried: a clock that was set must not empty the outbox.
        let oldest = clock.now - Self.patience
        giveUp("nothing could be delivered for a day: \(error)") { $1.notice.time < oldest }
    }

    private func giveUp(_ reason: String, where isHopeless: (String, OutboxItem) -> Bool) {
        let count = turn.withLock { _ in
            guard let facts = try? state.facts(in: outboxRoom) else { return 0 }
            var backlog = Outbox(facts)
            let given = backlog.giveUp(where: isHopeless)
            let owed = Self.owed(given, (try? state.facts(in: toldRoom)) ?? [:])
            try? state.commit([outboxRoom: backlog.changes, toldRoom: owed])
            return given.count
        }
        if count > 0 { say(count, reason) }
    }

    private func say(_ count: Int, _ reason: String) {
        log.error(
            "notices were given up",
            ["notifier": notifier.name, "count": "\(count)", "error.message": reason]
        )
    }

    /// A problem that still holds is said again: nobody has heard of it.
    private static func owed(_ given: [OutboxItem], _ told: [String: String]) -> [String: String?] {
        let keys = Set(given.flatMap(\.problems)).filter { AnnouncedCondition(told[$0])?.isProblem == true }
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, nil) })
    }
}
