import Model
import Notices
import Ports
import TestSupport
import Testing

/// Which notice goes into which thread.
@Suite struct ConversationTests {
    private let office: NoticeFixture
    private let mailbox: Mailbox
    private let a = "a.example.test"
    private let b = "b.example.test"

    init() throws {
        mailbox = Mailbox(NoticeFixture.time)
        office = try NoticeFixture(mailbox, time: mailbox.time)
        office.stage.tell([])
    }

    /// The threads of what is said of these, a minute apart, after the first summary.
    private func threads(of days: [[Condition]], apart seconds: Int = 60) throws -> [String?] {
        try office.open { [office] stage in
            await office.sleep(60)
            for standing in days {
                stage.tell(standing)
                await office.sleep(seconds)
            }
        }
        return Array(mailbox.threads.all.dropFirst())
    }

    @Test func `later news of what one notice spoke of goes into its thread`() throws {
        let deployed: [Condition] = [.news("record/a", host: a), .news("record/b", host: b)]
        let issued = deployed + [.news("certificate/a", host: a)]
        #expect(try threads(of: [deployed, issued, issued + [.news("certificate/b", host: b)]]) == [nil, "t2", "t2"])
    }

    @Test func `what concerns another thread or none stands for itself`() throws {
        let first: [Condition] = [.news("record/a", host: a)]
        let second = first + [.news("record/b", host: b)]
        let both = second + [.news("certificate/a", host: a), .news("certificate/b", host: b)]
        #expect(try threads(of: [first, second, both, both + [.news("signal/x")]]) == [nil, nil, nil, nil])
    }

    @Test func `a problem is seen in the channel, and its end belongs to it`() throws {
        let record = Condition.news("record/a", host: a)
        let broken = Condition.problem("certificate/a", host: a)
        #expect(try threads(of: [[record], [record, broken], [record]]) == [nil, nil, "t3"])
    }

    @Test func `a problem of no host has a thread too`() throws {
        #expect(try threads(of: [[.problem("engine")], []]) == [nil, "t2"])
    }

    @Test func `after a day the talk is over`() throws {
        #expect(try threads(of: [[.problem("a", host: a)], []], apart: 86_500) == [nil, nil])
    }

    @Test func `a thread that is closed holds nothing up`() throws {
        mailbox.fail { _, thread in thread == nil ? nil : .refused("Slack refuses: restricted_action_thread_locked") }
        #expect(try threads(of: [[.problem("a", host: a)], []]) == [nil, nil])
        #expect(mailbox.tries.all.count == 4)
    }
}
