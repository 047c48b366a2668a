import Model
import Notices
import Ports
import TestSupport
import Testing

@Suite struct LevelTests {
    private let mailbox = Mailbox(NoticeFixture.time)

    private func said(_ level: NoticeLevel, _ runs: [[Condition]]) throws -> [[String]] {
        let fixture = try NoticeFixture(mailbox, level: level, time: mailbox.time)
        try fixture.run { stage in
            for conditions in runs {
                stage.announce(conditions)
                await fixture.sleep(5)
            }
            stage.announceStop()
            await fixture.sleep(5)
        }
        return mailbox.lines
    }

    @Test func `who wants errors hears of them and of their end, and of nothing else`() throws {
        let lines = try said(
            .error,
            [
                [.news("a"), .problem("w", level: .warning)], [.news("a", "moved"), .problem("e")], [.news("e")],
                [.problem("w", level: .warning)], [],
            ]
        )
        #expect(lines == [["✗ e is broken"], ["✓ e is well again"]])
    }

    @Test func `who wants warnings hears of errors too`() throws {
        let lines = try said(.warning, [[.problem("w", level: .warning), .problem("e")], [.news("a")]])
        #expect(lines == [["✗ e is broken", "✗ w is broken"], ["✓ e is well again", "✓ w is well again"]])
        #expect(mailbox.titles.first == "Landfall watches 0 hosts; 2 problems")
    }

    @Test func `what was below the level is no news when the level is lowered`() throws {
        let state = try NoticeFixture(mailbox, level: .error, time: mailbox.time)
        state.stage.announce([.news("a"), .news("b")])
        let fixture = try NoticeFixture(mailbox, state: state.state, time: mailbox.time)
        try fixture.run { stage in
            stage.announce([.news("a"), .news("b", "moved")])
            await fixture.sleep(5)
        }
        #expect(mailbox.lines == [["• b is moved"]])
    }
}
