import Log
import Model
import Notices
import Ports
import Recording
import State
import Synchronization
import TestSupport

/// A notice stage whose worker delivers in virtual time.
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
        let worker = OutboxWorker(
            notifier,
            atLeast: level,
            instance: "test",
            state: state,
            clock: time,
            randomness: FixedRandomness(),
            log: log
        )
        (self.time, self.state) = (time, state)
        stage = NoticeStage(workers: [worker], state: state, clock: time, log: log)
    }

    static var time: VirtualTime { VirtualTime(from: Timestamp(seconds: 1_795_485_783)) }

    /// Runs `body` while the stage delivers.
    func run(_ body: @escaping @Sendable (NoticeStage) async -> Void) throws {
        try time.run { [stage] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await stage.run() }
                await body(stage)
                group.cancelAll()
            }
        }
    }

    func sleep(_ seconds: Int) async { try? await time.sleep(for: .seconds(seconds)) }

    /// How many notices are in the outbox.
    var waiting: Int { (try? state.texts(in: "outbox/mailbox").keys.count { Int($0) != nil }) ?? -1 }

    func logs(_ message: String) -> Int { logged.all.count { $0.contains(message) } }
}

/// A notifier that collects the notices, or fails as a test wants.
final class Mailbox: Notifier {
    let name: String
    let attempts = AsyncCollector<(time: Timestamp, notice: Notice)>()
    let notices = AsyncCollector<Notice>()
    let time: VirtualTime
    private let failure = Mutex<(@Sendable (Notice) -> NotifierError?)?>(nil)

    init(_ time: VirtualTime, name: String = "mailbox") { (self.time, self.name) = (time, name) }

    func fail(_ failure: @escaping @Sendable (Notice) -> NotifierError?) {
        self.failure.withLock { $0 = failure }
    }

    /// Nil ends the failures.
    func fail(_ error: NotifierError?) { fail { _ in error } }

    var titles: [String] { notices.all.map(\.message.title) }
    var lines: [[String]] { notices.all.map { $0.message.lines.map(\.marked) } }

    /// The times between two attempts, in seconds.
    var pauses: [Int64] { zip(attempts.all, attempts.all.dropFirst()).map { ($1.time - $0.time).components.seconds } }

    func deliver(_ notice: Notice) async throws(NotifierError) {
        attempts.add((time.now, notice))
        if let error = failure.withLock(\.self)?(notice) { throw error }
        notices.add(notice)
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
