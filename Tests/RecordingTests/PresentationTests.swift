import Model
import Ports
import Report
import Testing
import Timing

@testable import Recording

@Suite struct PresentationTests {
    private static func began(_ reason: String, triggers: Int = 1, at: Int64 = 0) -> Decision {
        Decision(
            at: at,
            content: .began(
                cause: RunCause(reasons: [reason], kinds: [.event], triggers: triggers, waited: .seconds(at))
            )
        )
    }

    private static func ended(_ outcome: Outcome, duration: Duration = .seconds(1)) throws -> Decision {
        let host = HostReport(
            name: try DomainName("a.example.org"),
            origins: [],
            record: RecordState(outcome: outcome, current: nil)
        )
        let cause = RunCause(reasons: ["x"], kinds: [.event], triggers: 1, waited: .zero)
        let report = Report(cause: cause, started: Timestamp(seconds: 1), duration: duration, hosts: [host])
        return Decision(at: 9, content: .ended(report: report))
    }

    @Test func `durations make no difference`() throws {
        let difference = DecisionDifference(
            recorded: [Self.began("service update web", at: 1), try Self.ended(.unchanged)],
            replayed: [Self.began("service update web", at: 2), try Self.ended(.unchanged, duration: .seconds(7))]
        )
        #expect(difference.isEmpty)
    }

    @Test func `another outcome is shown as a diff with context`() throws {
        let difference = DecisionDifference(
            recorded: [Self.began("timer"), try Self.ended(.changed("created A 203.0.113.7"))],
            replayed: [Self.began("timer"), try Self.ended(.failed("no zone"))]
        )
        #expect(
            difference.lines == [
                " run      timer",
                "-  record      a.example.org: changed: created A 203.0.113.7",
                "-ended    1 changed, 0 failed",
                "+  record      a.example.org: failed: no zone",
                "+ended    0 changed, 1 failed",
            ]
        )
    }

    @Test func `distant differences are shown without the lines between them`() {
        let same = (0..<20).map { Self.began("run \($0)") }
        let difference = DecisionDifference(
            recorded: [Self.began("first")] + same + [Self.began("last")],
            replayed: same
        )
        #expect(difference.lines.count == 9)
        #expect(difference.lines.first == "-run      first")
        #expect(difference.lines.contains("@@"))
        #expect(difference.lines.last == "-run      last")
    }

    @Test func `a missing last decision is a difference`() {
        let difference = DecisionDifference(recorded: [Self.began("a"), Self.began("b")], replayed: [Self.began("a")])
        #expect(difference.lines == [" run      a", "-run      b"])
    }

    @Test func `several timelines are one, in the order of time and then of files`() {
        func timeline(_ items: [(Int64, String)]) -> Timeline {
            items.reduce(into: Timeline()) { $0.items.append(.init(at: Timestamp(seconds: $1.0), .event, $1.1)) }
        }
        let merged = Timeline.merged([timeline([(1, "a"), (5, "b")]), timeline([(5, "c"), (86_400, "d")])])
        #expect(merged.items.map(\.text) == ["a", "b", "c", "d"])
        #expect(
            merged.description == """
                1970-01-01 (UTC)
                00:00:01.000  event    a
                00:00:05.000  event    b
                00:00:05.000  event    c
                1970-01-02 (UTC)
                00:00:00.000  event    d
                """
        )
    }
}
