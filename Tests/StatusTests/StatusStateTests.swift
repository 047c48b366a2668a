import DNS
import EventStream
import Model
import Ports
import Records
import Report
import Testing
import Timing
@testable import Docker
@testable import Status

@Suite struct StatusStateTests {
    private static let start = Sample.start

    private func state(_ reports: Report...) -> StatusState {
        var state = StatusState(Sample.daemon, at: Self.start, uptime: .zero)
        for report in reports { _ = state.ended(report, uptime: .zero) }
        return state
    }

    private func document(_ state: StatusState) -> StatusDocument {
        StatusDocument(state, StatusHub.Sources(), now: Self.start)
    }

    @Test func `hosts are unknown before the first run, and none afterwards`() {
        #expect(document(state()).hosts == nil)
        #expect(document(state(Sample.report())).hosts == [])
    }

    @Test func `a host's row has its record, its certificate, and the signal for that`() throws {
        let report = Sample.report(
            [try Sample.host("web.example.org", .changed("created A 198.51.100.7"))],
            [try Sample.certificate("web.example.org", days: 42)],
            signals: [Sample.signal("web.example.org")]
        )
        let host = try #require(state(report).hosts?.first)
        #expect(host.name.text == "web.example.org")
        #expect(host.record?.outcome == .changed("created A 198.51.100.7"))
        #expect(host.certificate?.daysLeft(at: Self.start) == 42)
        #expect(host.signal?.target == "proxy.1")
        #expect(host.signal?.at == Self.start)
        #expect(host.served == .unknown)
        #expect(host.lastError == nil)
        #expect(host.health == .changed)
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
        let hosts = try #require(state(report).hosts)
        #expect(hosts.map(\.health) == [.ok, .refused])
        #expect(hosts[1].lastError?.text == "its CAA record forbids it")
    }

    @Test func `a certificate that is over is a trouble, whatever else is well`() throws {
        let report = Sample.report(
            [try Sample.host("a.example.org")],
            [try Sample.certificate("a.example.org", days: -2)]
        )
        let host = try #require(state(report).hosts?.first)
        #expect(host.health == .failed)
        #expect(host.lastError?.text.hasPrefix("it expired on 2026-11-2") == true)
    }

    @Test func `a trouble keeps its beginning, and is over when it is`() throws {
        func report(_ outcome: Outcome, after seconds: Int) throws -> Report {
            Sample.report([try Sample.host("a.example.org", outcome)], after: seconds)
        }
        var state = try state(report(.failed("no answer"), after: 0), report(.failed("no reply"), after: 60))
        var trouble = try #require(state.hosts?.first?.lastError)
        #expect(trouble.since == Self.start)
        #expect(trouble.last == Self.start + .seconds(60))
        #expect(trouble.text == "no reply")
        #expect(state.hosts?.first?.health == .failed)
        _ = state.ended(try report(.unchanged, after: 120), uptime: .zero)
        trouble = try #require(state.hosts?.first?.lastError)
        #expect(trouble.isOver && trouble.last == Self.start + .seconds(60))
        #expect(state.hosts?.first?.health == .ok)
    }

    @Test func `a run that cannot read the labels removes no host`() throws {
        let blind = Sample.report(problems: [Report.Problem(stage: "discover", text: "no engine")])
        let state = state(Sample.report([try Sample.host("a.example.org")]), blind)
        #expect(state.hosts?.count == 1)
        #expect(document(state).problems.map(\.text) == ["no engine"])
        #expect(document(state).needsAttention == ["The last run could not read everything."])
    }

    @Test func `a certificate that is not delivered as a secret needs attention, and is a failure of the run`() throws {
        let why = "the update that brought the certificate was rolled back"
        let report = Sample.report(
            [try Sample.host("a.example.org")],
            secrets: [
                SecretReport(service: "api", outcome: .failed(why)), SecretReport(service: "shop", outcome: .unchanged),
            ]
        )
        let state = state(report)
        #expect(document(state).needsAttention == ["1 service lacks a certificate as a secret."])
        #expect(document(state).hasFailures && document(state).secrets.count == 2)
        #expect(state.runs.first?.failures == ["service api: \(why)"])
        let metrics = Metrics(
            MetricsSnapshot(status: document(state), counters: state.counters, requests: [:], process: OwnProcess())
        ).description
        #expect(metrics.contains("landfall_secret_delivered{service=\"api\"} 0"))
        #expect(metrics.contains("landfall_secret_delivered{service=\"shop\"} 1"))
    }

    @Test func `what is not served is in the run's summary`() throws {
        let report = Report(
            cause: RunCause(Trigger(.timer)),
            started: Self.start,
            duration: .seconds(1),
            serving: [
                ServingReport(
                    host: try Sample.name("a.example.org"),
                    endpoint: "proxy:443",
                    reason: "another one is served"
                )
            ]
        )
        #expect(state(report).runs.first?.failures == ["a.example.org: not served: another one is served"])
    }

    @Test func `a notifier that takes nothing needs attention until it delivers`() throws {
        var state = state(Sample.report())
        func deliver(_ outcome: Outcome, after seconds: Int) {
            let now = Self.start + .seconds(seconds)
            state.progressed(Progress(.notify, "slack", .ended(outcome)), at: now, uptime: .zero)
        }
        deliver(.refused("the channel is archived; unarchive it"), after: 5)
        let revision = state.revision
        deliver(.failed("no answer"), after: 9)
        #expect(state.revision == revision)
        #expect(document(state).silentNotifiers.map(\.since) == [Self.start + .seconds(5)])
        #expect(document(state).needsAttention == ["The notifier slack takes no notices: no answer."])
        #expect(document(state).hasFailures)
        deliver(.changed("Landfall: 1 change"), after: 20)
        #expect(document(state).needsAttention.isEmpty && !document(state).hasFailures)
    }

    @Test func `the engine's connection has its age, and what it was lost for`() {
        var state = state()
        let version = APIVersion(major: 1, minor: 51)
        #expect(state.engine.state == .connecting)
        state.connectionChanged(
            .following(.plain, version, unreadableReason: nil),
            at: Self.start + .seconds(1),
            uptime: .zero
        )
        state.connectionChanged(.checked, at: Self.start + .seconds(2), uptime: .zero)
        #expect(state.engine.mode == "plain engine")
        #expect(state.engine.since == Self.start + .seconds(1))
        let revision = state.revision
        state.connectionChanged(.lost("it hangs"), at: Self.start + .seconds(3), uptime: .zero)
        state.connectionChanged(.lost("it hangs"), at: Self.start + .seconds(9), uptime: .zero)
        #expect(state.revision == revision + 1)
        #expect(state.engine.since == Self.start + .seconds(3))
        #expect(document(state).needsAttention == ["Docker is unreachable: it hangs."])
        state.connectionChanged(
            .following(.worker, version, unreadableReason: "a worker"),
            at: Self.start + .seconds(20),
            uptime: .zero
        )
        #expect(state.counters.reconnections == 1)
        #expect(document(state).needsAttention == ["A worker."])
    }

    @Test func `a run in progress shows the present state of its steps`() throws {
        var state = state()
        state.began(RunCause(Trigger(.timer)), at: Self.start, uptime: .zero)
        let states: [Progress.State] = [.started, .step("certbot is at work"), .ended(.changed("issued"))]
        for (second, step) in states.enumerated() {
            let now = Self.start + .seconds(second)
            #expect(state.progressed(Progress(.certificate, "a", step), at: now, uptime: .zero) != nil)
        }
        state.progressed(Progress(.record, "a", .started), at: Self.start, uptime: .zero)
        let run = try #require(state.run)
        #expect(run.steps.map(\.state) == [.changed, .going])
        #expect(run.steps[0].since == Self.start && run.steps[0].end == Self.start + .seconds(2))
        #expect(run.ended == 1)
        _ = state.ended(Sample.report(), uptime: .zero)
        #expect(state.run == nil)
    }

    @Test func `a run for very many hosts does not grow without bound`() throws {
        var state = state()
        state.began(RunCause(Trigger(.timer)), at: Self.start, uptime: .zero)
        for number in 0..<2000 {
            state.progressed(Progress(.record, "\(number)", .ended(.unchanged)), at: Self.start, uptime: .zero)
        }
        #expect(state.run?.steps.count == 600)
        #expect(state.run?.ended == 2000)
    }

    @Test func `the last fifty runs are known, the latest first, with what they changed`() throws {
        var state = state()
        for number in 1...60 {
            let change = Outcome.changed("created \(number)")
            _ = state.ended(Sample.report([try Sample.host("a.example.org", change)], after: number), uptime: .zero)
        }
        #expect(state.runs.count == 50)
        #expect(state.runs.first?.number == 60)
        #expect(state.runs.first?.changes == ["a.example.org: created 60"])
        #expect(state.runs.last?.number == 11)
        #expect(state.runs.first?.stages.map(\.stage) == [.discover, .record, .certificate, .signal])
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
            lastError: nil
        )
        #expect(host.health == (served == .not("web:443 serves another") ? .failed : .ok))
    }

    @Test func `a whole document survives JSON`() throws {
        let state = state(try Sample.report(hosts: 3))
        let document = StatusDocument(state, StatusHub.Sources(budgets: { [Sample.budget] }), now: Self.start)
        let copy = try copy(of: document)
        #expect(copy.hosts == document.hosts)
        #expect(copy.runs == document.runs)
        #expect(copy.budgets == [Sample.budget])
    }
}
