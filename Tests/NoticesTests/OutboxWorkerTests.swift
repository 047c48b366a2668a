import Model
import Notices
import Ports
import Recording
import TestSupport
import Testing

@Suite struct CourierTests {
    private let office: NoticeFixture
    private let mailbox: Mailbox

    init() throws {
        mailbox = Mailbox(NoticeFixture.time)
        office = try NoticeFixture(mailbox, time: mailbox.time)
        office.stage.tell([])
    }

    @Test func `notices go out in order, a second apart`() throws {
        try office.open { [office] stage in
            for number in 1...3 { stage.tell([.news("a", "\(number)")]) }
            await office.sleep(10)
            stage.tell([.news("a", "4")])
            await office.sleep(10)
        }
        #expect(mailbox.lines == [[], ["• a is 1"], ["• a is 2"], ["• a is 3"], ["• a is 4"]])
        #expect(mailbox.pauses == [1, 1, 1, 7])
        #expect(office.waiting == 0)
        #expect(Set(mailbox.notices.all.map(\.id)).count == 5)
    }

    @Test func `down for an hour, nothing is lost, and order is kept`() throws {
        mailbox.fail(.unavailable("down"))
        try office.open { [office, mailbox] stage in
            for minute in 1...60 {
                stage.tell([.news("a", "\(minute)")])
                await office.sleep(60)
            }
            #expect(mailbox.notices.all.isEmpty)
            mailbox.fail(nil)
            await office.sleep(300 + 60)
        }
        #expect(mailbox.lines == [[]] + (1...60).map { ["• a is \($0)"] })
        #expect(office.waiting == 0)
        // It was tried less and less often, each notice under the same name.
        #expect(mailbox.pauses.prefix(9) == [1, 3, 7, 15, 31, 63, 127, 255, 299])
        #expect(mailbox.tries.all.prefix(18).allSatisfy { $0.notice.id == mailbox.notices.all[0].id })
        #expect(office.logs("a notice was not delivered") == 1)
        #expect(office.logs("notices are delivered again") == 1)
    }

    @Test func `a pause that is asked for is kept to the second`() throws {
        mailbox.fail(.tooSoon(after: .seconds(120)))
        try office.open { [office, mailbox] stage in
            await office.sleep(1)
            mailbox.fail(nil)
            stage.tell([.news("a")])
            await office.sleep(200)
        }
        #expect(mailbox.pauses == [120, 1])
    }

    @Test func `what could not be delivered for a day is given up, and the next notice says so`() throws {
        mailbox.fail(.unavailable("down"))
        try office.open { [office, mailbox] stage in
            let standing: [Condition] = [.problem("a"), .news("b")]
            stage.tell(standing)
            await office.sleep(86_000)
            #expect(office.waiting == 2)
            await office.sleep(1000)
            #expect(office.waiting == 0)
            #expect(office.logged.all.last?.contains("notices were given up") == true)
            #expect(office.logged.all.last?.contains("count=2") == true)
            mailbox.fail(nil)
            // Nobody has heard of the problem, so it is said again; the news is old.
            stage.tell(standing)
            await office.sleep(301)
            stage.tell(standing)
            await office.sleep(301)
        }
        #expect(mailbox.lines == [["✗ 2 earlier notices could not be delivered", "✗ a is broken"]])
        #expect(office.waiting == 0)
    }

    @Test func `a clock that was set gives up nothing that was not tried`() throws {
        office.time.setWallClock(by: .seconds(400 * 86_400))
        try office.open { [office] _ in await office.sleep(1) }
        #expect(mailbox.titles == ["Landfall watches 0 hosts"])
    }

    @Test func `a notice that is found fault with does not hold up the others for ever`() throws {
        mailbox.fail { notice, _ in notice.message.title.contains("watches") ? .unacceptable("too odd") : nil }
        try office.open { [office] stage in
            stage.tell([.news("a")])
            await office.sleep(120)
        }
        #expect(mailbox.tries.all.count == 6)
        #expect(mailbox.lines == [["• a is there"]])
        #expect(office.logged.all.contains { $0.contains("notices were given up") && $0.contains("too odd") })
    }

    @Test func `outages do not count against a notice that is found fault with`() throws {
        mailbox.fail { [mailbox] _, _ in
            let tries = mailbox.tries.all.count
            return tries <= 6 ? .unavailable("down") : tries == 7 ? .unacceptable("too odd") : nil
        }
        try office.open { [office] stage in
            stage.tell([.news("a")])
            await office.sleep(3600)
        }
        #expect(mailbox.notices.all.count == 2)
        #expect(office.logs("notices were given up") == 0)
    }

    @Test func `the outbox outlives the process, and what it holds keeps its name`() throws {
        mailbox.fail(.unavailable("down"))
        try office.open { [office] _ in await office.sleep(1) }
        let next = Mailbox(NoticeFixture.time)
        let again = try NoticeFixture(next, state: office.state, time: next.time)
        again.stage.tell([.news("a")])
        try again.open { _ in await again.sleep(5) }
        #expect(next.lines == [[], ["• a is there"]])
        #expect(next.notices.all.first?.id == mailbox.tries.all.first?.notice.id)
    }

    @Test func `what five services brought is one notice of five lines`() throws {
        try office.open { [office, mailbox] stage in
            stage.tell(
                (1...5).map { "h\($0).example.test" }.flatMap { host in
                    [("record", "created A 1.2.3.4"), ("certificate", "certificate issued")].map { kind, text in
                        let hosts = [try? DomainName(host)].compactMap(\.self)
                        return Condition(key: "\(kind)/\(host)", value: text, line: "\(host): \(text)", hosts: hosts)
                    }
                }
            )
            await office.sleep(5)
            #expect(mailbox.titles.last == "Landfall: 5 changes")
        }
        let message = try #require(mailbox.notices.all.last?.message)
        #expect(message.lines.count == 5 && message.hosts.count == 5)
        #expect(message.lines.first?.text == "h1.example.test: certificate issued; created A 1.2.3.4")
    }

    @Test func `start and stop are said, and what is left after that waits in the store`() throws {
        let time = mailbox.time
        try office.open { [office] stage in
            stage.sayHello()
            stage.tell([])
            stage.tell([])
            await office.sleep(5)
            stage.sayFarewell()
            let before = time.uptime
            await stage.end(within: .seconds(3))
            #expect(time.uptime == before)
        }
        #expect(mailbox.titles == ["Landfall watches 0 hosts", "Landfall: 1 change", "Landfall stopped"])
        #expect(mailbox.lines == [[], ["• Landfall started"], []])
        mailbox.fail(.unavailable("down"))
        let again = try NoticeFixture(mailbox, state: office.state, time: time)
        try again.open { stage in
            stage.sayHello()
            stage.tell([])
            stage.sayFarewell()
            let before = time.uptime
            await stage.end(within: .seconds(3))
            #expect(time.uptime - before <= .seconds(3))
        }
        #expect(again.waiting == 2)
    }

    @Test func `one run alone delivers what it can, and leaves the rest`() throws {
        office.stage.tell([.news("a")])
        let time = mailbox.time
        let span = try time.run { [stage = office.stage] in
            let before = time.uptime
            await stage.deliver(within: .seconds(10))
            return time.uptime - before
        }
        #expect(mailbox.notices.all.count == 2)
        #expect(span == .seconds(1))
    }
}
