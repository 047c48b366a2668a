import Log
import Model
import Notices
import Ports
import Recording
import State
import Synchronization
import TestSupport

/// A stage whose courier, or heartbeat, is at work in time that passes only when nobody has anything to do.
final class NoticeFixture: Sendable {
    let time: VirtualTime
    let state: StateStore
    let logged = AsyncCollector<String>()
    let stage: NoticeStage

    /// - Parameter notifier: gets what is delivered.
    init(
        _ notifier: any Notifier,
        level: NoticeLevel = .info,
        state: StateStore? = nil,
        time: VirtualTime = NoticeFixture.time
    ) throws {
        let state = try state ?? StateStore.inMemory()
        let log = Logger(level: .info, format: .text, now: { time.now }, write: { [logged] in logged.add($0) })
        let courier = OutboxWorker(
            notifier,
            atLeast: level,
            instance: "test",
            state: state,
            clock: time,
            randomness: FixedRandomness(),
            log: log
        )
        (self.time, self.state) = (time, state)
        stage = NoticeStage(couriers: [courier], state: state, clock: time, log: log)
    }

    static var time: VirtualTime { VirtualTime(from: Timestamp(seconds: 1_795_485_783)) }

    /// Plays `body`, while what there is to be delivered is.
    func open(_ body: @escaping @Sendable (NoticeStage) async -> Void) throws {
        try time.run { [stage] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await stage.run() }
                await body(stage)
                group.cancelAll()
            }
        }
    }

    func sleep(_ seconds: Int) async { try? await time.sleep(for: .seconds(seconds)) }

    /// How many notices wait.
    var waiting: Int { (try? state.facts(in: "outbox/mailbox").keys.count { Int($0) != nil }) ?? -1 }

    func logs(_ message: String) -> Int { logged.all.count { $0.contains(message) } }
}

/// A notifier that keeps what it is told, or fails as told.
final class Mailbox: Notifier {
    let name = "mailbox"
    let tries = AsyncCollector<(time: Timestamp, notice: Notice)>()
    let notices = AsyncCollector<Notice>()
    /// The thread of each of them.
    let threads = AsyncCollector<String?>()
    let time: VirtualTime
    private let trouble = Mutex<(@Sendable (Notice, String?) -> NotifierError?)?>(nil)

    init(_ time: VirtualTime) {
        self.time = time
    }

    func fail(_ trouble: @escaping @Sendable (Notice, String?) -> NotifierError?) {
        self.trouble.withLock { $0 = trouble }
    }

    /// Nil: all is well.
    func fail(_ error: NotifierError?) {
        fail { _, _ in error }
    }

    var titles: [String] { notices.all.map(\.message.title) }
    var lines: [[String]] { notices.all.map { $0.message.lines.map(\.marked) } }

    /// Between two tries, in seconds.
    var pauses: [Int64] { zip(tries.all, tries.all.dropFirst()).map { ($1.time - $0.time).components.seconds } }

    func deliver(_ notice: Notice, in thread: String?) async throws(NotifierError) -> Receipt {
        tries.add((time.now, notice))
        if let error = trouble.withLock(\.self)?(notice, thread) { throw error }
        threads.add(thread)
        notices.add(notice)
        return Receipt(thread: "t\(notices.all.count)")
    }
}

extension Condition {
    static func news(_ key: String, _ value: String = "there", host: String? = nil) -> Condition {
        Condition(key: key, value: value, line: "\(key) is \(value)", hosts: names(host))
    }

    static func problem(_ key: String, host: String? = nil, level: NoticeLevel = .error) -> Condition {
        Condition(
            key: key,
            value: "broken",
            line: "\(key) is broken",
            level: level,
            isProblem: true,
            recovery: "\(key) is well again",
            hosts: names(host)
        )
    }

    private static func names(_ host: String?) -> [DomainName] {
        [host].compactMap { $0.flatMap { try? DomainName($0) } }
    }
}
