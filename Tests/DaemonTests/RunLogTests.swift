import DNS
import Composition
@testable import Daemon
import Log
import Model
import Pipeline
import Ports
import Report
import TestSupport
import Testing
import Timing

@Suite struct RunLogTests {
    @Test func `a run's line has its reasons, triggers, wait and reach`() {
        let lines = AsyncCollector<String>()
        let log = Logger(level: .info, format: .text, now: { Timestamp(seconds: 0) }, write: { lines.add($0) })
        let cause = RunCause(
            reasons: ["service update web", "service create db"],
            kinds: [.event],
            triggers: 7,
            waited: .milliseconds(2500)
        )
        let budget = RequestBudget(provider: "Cloudflare", used: 61, limit: 1200, window: 300)
        let report = Report(
            cause: cause,
            started: Timestamp(seconds: 0),
            duration: .seconds(1),
            reach: .local,
            budgets: [budget]
        )
        RunLog(log).ended(report, at: .zero)
        #expect(lines.all.count == 1)
        for part in [
            "requests=Cloudflare: 61 of 1200 requests in 5 min", "event.reason=service update web; service create db",
            "triggers=7", "waited=2.50 s", "reach=local", "event.duration=1.00 s",
        ] {
            #expect(lines.all.first?.contains("  \(part)") == true)
        }
    }

    @Test func `it names the first changes and failures`() throws {
        let lines = AsyncCollector<String>()
        let log = Logger(level: .info, format: .text, now: { Timestamp(seconds: 0) }, write: { lines.add($0) })
        let hosts = try (1...12).map { number in
            HostReport(
                name: try DomainName("h\(number).example.org"),
                origins: [],
                record: RecordState(outcome: .changed("created A 198.51.100.7"), current: nil)
            )
        }
        let report = Report(
            cause: RunCause(Trigger(.timer)),
            started: Timestamp(seconds: 0),
            duration: .seconds(1),
            hosts: hosts,
            problems: [Report.Problem(stage: "address", text: "nobody answers")]
        )
        RunLog(log).ended(report, at: .zero)
        let line = try #require(lines.all.first)
        #expect(lines.all.count == 1)
        #expect(line.contains("  changes=h1.example.org: created A 198.51.100.7; h2.example.org: created"))
        #expect(line.contains("; 2 more  failures=address: nobody answers  "))
    }
}
