import Model
import Notices
import Ports
import Recording
import TestSupport
import Testing

@Suite struct OutboxWorkerTests {
    private let fixture: NoticeFixture
    private let mailbox: Mailbox

    init() throws {
        mailbox = Mailbox(NoticeFixture.time)
        fixture = try NoticeFixture(mailbox, time: mailbox.time)
        fixture.stage.announce([])
    }

    @Test func `notices go out in order, a second apart`() throws {
        try fixture.run { [fixture] stage in
            for number in 1...3 { stage.announce([.news("a", "\(number)")]) }
            await fixture.sleep(10)
            stage.announce([.news("a", "4")])
            await fixture.sleep(10)
        }
        #expect(mailbox.lines == [[], ["• a is 1"], ["• a is 2"], ["• a is 3"], ["• a is 4"]])
        #expect(mailbox.pauses == [1, 1, 1, 7])
        #expect(fixture.waiting == 0)
        #expect(Set(mailbox.notices.all.map(\.id)).count == 5)
    }

    @Test func `down for an hour, nothing is lost, and order is kept`() throws {
        mailbox.fail(.unavailable("down"))
        try fixture.run { [fixture, mailbox] stage in
            for minute in 1...60 {
                stage.announce([.news("a", "\(minute)")])
                await fixture.sleep(60)
            }
            #expect(mailbox.notices.all.isEmpty)
            mailbox.fail(nil)
            await fixture.sleep(300 + 60)
        }
        #expect(mailbox.lines == [[]] + (1...60).map { ["• a is \($0)"] })
        #expect(fixture.waiting == 0)
        // It was tried less and less often, each notice under the same name.
        #expect(mailbox.pauses.prefix(9) == [1, 3, 7, 15, 31, 63, 127, 255, 299])
        #expect(mailbox.attempts.all.prefix(18).allSatisfy { $0.notice.id == mailbox.notices.all[0].id })
        #expect(fixture.logs("cannot deliver a notice") == 1)
        #expect(fixture.logs("notices are delivered again") == 1)
    }

    @Test func `a pause that is asked for is kept to the second`() throws {
        mailbox.fail(.tooSoon(after: .seconds(120)))
        try fixture.run { [fixture, mailbox] stage in
            await fixture.sleep(1)
            mailbox.fail(nil)
            stage.announce([.news("a")])
            await fixture.sleep(200)
        }
        #expect(mailbox.pauses == [120, 1])
    }

    @Test func `what could not be delivered for a day is given up, and the next notice says so`() throws {
        mailbox.fail(.unavailable("down"))
        try fixture.run { [fixture, mailbox] stage in
            let conditions: [Condition] = [.problem("a"), .news("b")]
            stage.announce(conditions)
            await fixture.sleep(86_000)
            #expect(fixture.waiting == 2)
            await fixture.sleep(1000)
            #expect(fixture.waiting == 0)
            #expect(fixture.logged.all.last?.contains("gave up on notices") == true)
            #expect(fixture.logged.all.last?.contains("count=2") == true)
            mailbox.fail(nil)
            // Nobody has heard of the problem, so it is said again; the news is old.
            stage.announce(conditions)
            await fixture.sleep(301)
            stage.announce(conditions)
            await fixture.sleep(301)
        }
        #expect(mailbox.lines == [["✗ 2 earlier notices could not be delivered", "✗ a is broken"]])
        #expect(fixture.waiting == 0)
    }

    @Test func `a clock that was set gives up nothing that was not tried`() throws {
        fixture.time.setWallClock(by: .seconds(400 * 86_400))
        try fixture.run { [fixture] _ in await fixture.sleep(1) }
        #expect(mailbox.titles == ["Landfall watches 0 hosts"])
    }

    @Test func `a notice that is found fault with does not hold up the others for ever`() throws {
        mailbox.fail { notice in notice.message.title.contains("watches") ? .unacceptable("too odd") : nil }
        try fixture.run { [fixture] stage in
            stage.announce([.news("a")])
            await fixture.sleep(120)
        }
        #expect(mailbox.attempts.all.count == 6)
        #expect(mailbox.lines == [["• a is there"]])
        #expect(fixture.logged.all.contains { $0.contains("gave up on notices") && $0.contains("too odd") })
    }

    @Test func `outages do not count against a notice that is found fault with`() throws {
        mailbox.fail { [mailbox] _ in
            let attempts = mailbox.attempts.all.count
            return attempts <= 6 ? .unavailable("down") : attempts == 7 ? .unacceptable("too odd") : nil
        }
        try fixture.run { [fixture] stage in
            stage.announce([.news("a")])
            await fixture.sleep(3600)
        }
        #expect(mailbox.notices.all.count == 2)
        #expect(fixture.logs("gave up on notices") == 0)
    }

    @Test func `the outbox outlives the process, and what it holds keeps its name`() throws {
        mailbox.fail(.unavailable("down"))
        try fixture.run { [fixture] _ in await fixture.sleep(1) }
        let next = Mailbox(NoticeFixture.time)
        let again = try NoticeFixture(next, state: fixture.state, time: next.time)
        again.stage.announce([.news("a")])
        try again.run { _ in await again.sleep(5) }
        #expect(next.lines == [[], ["• a is there"]])
        #expect(next.notices.all.first?.id == mailbox.attempts.all.first?.notice.id)
    }

    @Test func `what five services brought is one notice of five lines`() throws {
        try fixture.run { [fixture, mailbox] stage in
            stage.announce(
                (1...5).map { "h\($0).example.test" }.flatMap { host in
                    [("record", "created A 1.2.3.4"), ("certificate", "certificate issued")].map { kind, text in
                        let hosts = [try? DomainName(host)].compactMap(\.self)
                        return Condition(key: "\(kind)/\(host)", value: text, line: "\(host): \(text)", hosts: hosts)
                    }
                }
            )
            await fixture.sleep(5)
            #expect(mailbox.titles.last == "Landfall: 5 changes")
        }
        let message = try #require(mailbox.notices.all.last?.message)
        #expect(message.lines.count == 5 && message.hosts.count == 5)
        #expect(message.lines.first?.text == "h1.example.test: certificate issued; created A 1.2.3.4")
    }

    @Test func `start and stop are said, and what is left after that waits in the store`() throws {
        let time = mailbox.time
        try fixture.run { [fixture] stage in
            stage.announceStart()
            stage.announce([])
            stage.announce([])
            await fixture.sleep(5)
            stage.announceStop()
            let before = time.uptime
            await stage.end(within: .seconds(3))
            #expect(time.uptime == before)
        }
        #expect(mailbox.titles == ["Landfall watches 0 hosts", "Landfall: 1 change", "Landfall stopped"])
        #expect(mailbox.lines == [[], ["• Landfall started"], []])
        mailbox.fail(.unavailable("down"))
        let again = try NoticeFixture(mailbox, state: fixture.state, time: time)
        try again.run { stage in
            stage.announceStart()
            stage.announce([])
            stage.announceStop()
            let before = time.uptime
            await stage.end(within: .seconds(3))
            #expect(time.uptime - before <= .seconds(3))
        }
        #expect(again.waiting == 2)
    }

    @Test func `one run alone delivers what it can, and leaves the rest`() throws {
        fixture.stage.announce([.news("a")])
        let time = mailbox.time
        let span = try time.run { [stage = fixture.stage] in
            let before = time.uptime
            await stage.deliver(within: .seconds(10))
            return time.uptime - before
        }
        #expect(mailbox.notices.all.count == 2)
        #expect(span == .seconds(1))
    }
}
