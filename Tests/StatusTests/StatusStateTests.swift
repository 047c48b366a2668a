import DNS
import EventStream
import Model
import Ports
import Records
import Report
@testable import Status
import Testing
import Timing
@testable import Docker
@testable import Status

@Suite struct KnowledgeTests {
    private static let start = Sample.start

    private func knowledge(_ reports: Report...) -> StatusState {
        var knowledge = StatusState(Sample.daemon, at: Self.start, uptime: .zero)
        for report in reports { _ = knowledge.ended(report, uptime: .zero) }
        return knowledge
    }

    private func document(_ knowledge: StatusState) -> StatusDocument {
        StatusDocument(knowledge, budgets: [], limits: [], backoffs: [], now: Self.start)
    }

    @Test func `before the first run nothing is said of hosts, and afterwards that there are none`() {
        #expect(document(knowledge()).hosts == nil)
        #expect(document(knowledge(Sample.report())).hosts == [])
    }

    @Test func `a host's row has its record, its certificate, and the signal for that`() throws {
        let report = Sample.report(
            [try Sample.host("web.example.org", .changed("created A 198.51.100.7"))],
            [try Sample.certificate("web.example.org", days: 42)],
            signals: [Sample.signal("web.example.org")]
        )
        let host = try #require(knowledge(report).hosts?.first)
        #expect(host.name.text == "web.example.org")
        #expect(host.record?.outcome == .changed("created A 198.51.100.7"))
        #expect(host.certificate?.daysLeft(at: Self.start) == 42)
        #expect(host.signal?.target == "proxy.1")
        #expect(host.signal?.at == Self.start)
        #expect(host.served == .unknown)
        #expect(host.trouble == nil)
        #expect(host.mark == .changed)
    }

    @Test func `a certificate of many hosts is everybody's, and one that is refused counts before one that is not`()
        throws
    {
        let report = Sample.report(
            [try Sample.host("a.example.org"), try Sample.host("b.example.org")],
            [
                try Sample.certificate("shop", ["a.example.org", "b.example.org"]),
                try Sample.certificate("shop", ["b.example.org"], .refused("its CAA record forbids it")),
            ]
        )
        let hosts = try #require(knowledge(report).hosts)
        #expect(hosts.map(\.mark) == [.well, .refused])
        #expect(hosts[1].trouble?.text == "its CAA record forbids it")
    }

    @Test func `a certificate that is over is a trouble, whatever else is well`() throws {
        let report = Sample.report(
            [try Sample.host("a.example.org")],
            [try Sample.certificate("a.example.org", days: -2)]
        )
        let host = try #require(knowledge(report).hosts?.first)
        #expect(host.mark == .failed)
        #expect(host.trouble?.text.hasPrefix("it ended on 2026-11-2") == true)
    }

    @Test func `a trouble keeps its beginning, and is over when it is`() throws {
        func report(_ outcome: Outcome, after seconds: Int) throws -> Report {
            Sample.report([try Sample.host("a.example.org", outcome)], after: seconds)
        }
        var knowledge = try knowledge(report(.failed("no answer"), after: 0), report(.failed("no reply"), after: 60))
        var trouble = try #require(knowledge.hosts?.first?.trouble)
        #expect(trouble.since == Self.start)
        #expect(trouble.last == Self.start + .seconds(60))
        #expect(trouble.text == "no reply")
        #expect(knowledge.hosts?.first?.mark == .failed)
        _ = knowledge.ended(try report(.unchanged, after: 120), uptime: .zero)
        trouble = try #require(knowledge.hosts?.first?.trouble)
        #expect(trouble.isOver && trouble.last == Self.start + .seconds(60))
        #expect(knowledge.hosts?.first?.mark == .well)
    }

    @Test func `a run that cannot look at the labels takes no host away`() throws {
        let blind = Sample.report(problems: [Report.Problem(stage: "discover", text: "no engine")])
        let knowledge = knowledge(Sample.report([try Sample.host("a.example.org")]), blind)
        #expect(knowledge.hosts?.count == 1)
        #expect(document(knowledge).problems.map(\.text) == ["no engine"])
        #expect(document(knowledge).troubles == ["The last run could not see everything."])
    }

    @Test func `the engine's connection has its age, and what it was lost for`() {
        var knowledge = knowledge()
        let version = APIVersion(major: 1, minor: 51)
        #expect(knowledge.engine.state == .connecting)
        knowledge.take(.following(.plain, version, obstacle: nil), at: Self.start + .seconds(1), uptime: .zero)
        knowledge.take(.lookedAfter, at: Self.start + .seconds(2), uptime: .zero)
        #expect(knowledge.engine.mode == "plain engine")
        #expect(knowledge.engine.since == Self.start + .seconds(1))
        let revision = knowledge.revision
        knowledge.take(.lost("it hangs"), at: Self.start + .seconds(3), uptime: .zero)
        knowledge.take(.lost("it hangs"), at: Self.start + .seconds(9), uptime: .zero)
        #expect(knowledge.revision == revision + 1)
        #expect(knowledge.engine.since == Self.start + .seconds(3))
        #expect(document(knowledge).troubles == ["The engine is not reached: it hangs."])
        knowledge.take(.following(.worker, version, obstacle: "a worker"), at: Self.start + .seconds(20), uptime: .zero)
        #expect(knowledge.tally.reconnections == 1)
        #expect(document(knowledge).troubles == ["A worker."])
    }

    @Test func `a run that goes on shows its steps as they stand`() throws {
        var knowledge = knowledge()
        knowledge.began(RunCause(Trigger(.timer)), at: Self.start, uptime: .zero)
        let states: [Progress.State] = [.started, .step("certbot is at work"), .ended(.changed("issued"))]
        for (second, state) in states.enumerated() {
            let now = Self.start + .seconds(second)
            #expect(knowledge.progressed(Progress(.certificate, "a", state), at: now, uptime: .zero) != nil)
        }
        knowledge.progressed(Progress(.record, "a", .started), at: Self.start, uptime: .zero)
        let run = try #require(knowledge.run)
        #expect(run.steps.map(\.state) == [.changed, .going])
        #expect(run.steps[0].since == Self.start && run.steps[0].end == Self.start + .seconds(2))
        #expect(run.ended == 1)
        _ = knowledge.ended(Sample.report(), uptime: .zero)
        #expect(knowledge.run == nil)
    }

    @Test func `a run for very many hosts does not grow without bound`() throws {
        var knowledge = knowledge()
        knowledge.began(RunCause(Trigger(.timer)), at: Self.start, uptime: .zero)
        for number in 0..<2000 {
            knowledge.progressed(Progress(.record, "\(number)", .ended(.unchanged)), at: Self.start, uptime: .zero)
        }
        #expect(knowledge.run?.steps.count == 600)
        #expect(knowledge.run?.ended == 2000)
    }

    @Test func `the last fifty runs are known, the latest first, with what they changed`() throws {
        var knowledge = knowledge()
        for number in 1...60 {
            let change = Outcome.changed("created \(number)")
            _ = knowledge.ended(
                Sample.report([try Sample.host("a.example.org", change)], after: number),
                uptime: .zero
            )
        }
        #expect(knowledge.runs.count == 50)
        #expect(knowledge.runs.first?.number == 60)
        #expect(knowledge.runs.first?.changes == ["a.example.org: created 60"])
        #expect(knowledge.runs.last?.number == 11)
        #expect(knowledge.runs.first?.stages.map(\.stage) == [.discover, .record, .certificate, .signal])
    }

    @Test(arguments: [Served.unknown, .yes, .not("web:443 serves another")])
    func `whether a certificate is served survives JSON, and what is not served is in trouble`(served: Served) throws {
        #expect(try copy(of: served) == served)
        let host = HostStatus(
            name: try Sample.name("a.example.org"),
            origins: [],
            record: nil,
            certificate: nil,
            served: served,
            signal: nil,
            trouble: nil
        )
        #expect(host.mark == (served == .not("web:443 serves another") ? .failed : .well))
    }

    @Test func `a whole document survives JSON`() throws {
        let knowledge = knowledge(try Sample.report(hosts: 3))
        let document = StatusDocument(knowledge, budgets: [Sample.budget], limits: [], backoffs: [], now: Self.start)
        let copy = try copy(of: document)
        #expect(copy.hosts == document.hosts)
        #expect(copy.runs == document.runs)
        #expect(copy.budgets == [Sample.budget])
    }
}
