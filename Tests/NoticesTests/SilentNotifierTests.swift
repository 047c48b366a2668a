import Log
import Model
import Notices
import Ports
import Recording
import State
import TestSupport
import Testing

/// Of two notifiers, the other one says that the first takes no notices.
@Suite struct SilentNotifierTests {
    private let time = NoticeFixture.time
    private let silent: Mailbox
    private let other: Mailbox
    private let results = AsyncCollector<NoticeResult>()
    private let logged = AsyncCollector<String>()

    init() {
        silent = Mailbox(time)
        other = Mailbox(time, name: "other")
    }

    private func stage(_ state: StateStore) -> NoticeStage {
        let log = Logger(
            level: .info,
            format: .text,
            now: { [time] in time.now },
            write: { [logged] in logged.add($0) }
        )
        let workers = [silent, other].map { mailbox in
            OutboxWorker(
                mailbox,
                atLeast: .info,
                instance: "test",
                state: state,
                clock: time,
                randomness: FixedRandomness(),
                log: log,
                observer: { [results] in results.add($0) }
            )
        }
        return NoticeStage(workers: workers, state: state, clock: time, log: log)
    }

    private func run(_ state: StateStore, _ body: @escaping @Sendable (NoticeStage) async -> Void) throws {
        try time.run { [stage = stage(state)] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await stage.run() }
                await body(stage)
                group.cancelAll()
            }
        }
    }

    private func sleep(_ seconds: Int) async { try? await time.sleep(for: .seconds(seconds)) }

    private static let text = "the notifier mailbox takes no notices: the channel is archived; unarchive it"

    @Test func `a refusal is an error in the log, and the other notifier says it once, and that it is over`() throws {
        silent.fail(.refused("the channel is archived; unarchive it"))
        try run(try StateStore.inMemory()) { [self] stage in
            stage.announce([])
            await sleep(3)
            #expect(other.lines == [[], ["✗ \(Self.text)"]])
            for number in 1...3 {
                stage.announce([.news("a", "\(number)")])
                await sleep(900)
            }
            silent.fail(nil)
            await sleep(600)
            stage.announce([.news("a", "4")])
            await sleep(5)
        }
        #expect(logged.all.contains { $0.contains("ERROR") && $0.contains("the channel is archived; unarchive it") })
        #expect(results.all.contains { $0.outcome == .refused("the channel is archived; unarchive it") })
        let told = other.lines.flatMap(\.self)
        #expect(told.count { $0.contains("mailbox") } == 2)
        #expect(told.contains("✓ the notifier mailbox takes notices again"))
        // It gets everything that it missed, in order, and nothing of itself.
        #expect(silent.lines == [[]] + (1...4).map { ["• a is \($0)"] })
    }

    @Test func `an outage is said after an hour`() throws {
        silent.fail(.unavailable("no answer"))
        try run(try StateStore.inMemory()) { [self] stage in
            stage.announce([])
            await sleep(3000)
            #expect(other.lines == [[]])
            await sleep(1000)
            #expect(other.lines.last == ["✗ the notifier mailbox takes no notices: no answer"])
            silent.fail(nil)
            await sleep(301)
        }
        #expect(other.lines.last == ["✓ the notifier mailbox takes notices again"])
    }

    @Test func `a restart neither repeats it nor takes it back, and a delivery does`() throws {
        let state = try StateStore.inMemory()
        silent.fail(.refused("the channel is archived; unarchive it"))
        try run(state) { [self] stage in
            stage.announce([])
            await sleep(3)
        }
        try run(state) { [self] stage in
            stage.announce([])
            await sleep(30)
            #expect(other.lines == [[], ["✗ \(Self.text)"]])
            silent.fail(nil)
            await sleep(301)
        }
        #expect(other.lines.last == ["✓ the notifier mailbox takes notices again"])
    }
}
