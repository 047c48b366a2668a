import EventStream
import Glibc
import Model
import Ports
import Report
import Processes
import TestSupport
import Testing
import Timing
@testable import Docker
@testable import Status

@Suite struct MetricsTests {
    /// A board that has seen some of everything.
    private func board() throws -> StatusHub {
        let board = Sample.board()
        board.connect()
        board.connectionChanged(.lost("gone"))
        board.connect()
        let trigger = Trigger(.event, "service update", subject: "web")
        for _ in 1...3 { board.triggered(trigger, at: .zero) }
        board.began(
            RunCause(reasons: ["service update web"], kinds: [.event], triggers: 3, waited: .seconds(2)),
            at: .zero
        )
        board.progressed(Progress(.notify, "slack", .ended(.changed("told"))))
        board.ended(
            Sample.report(
                [
                    try Sample.host("a.example.org", .changed("created A 198.51.100.7")),
                    try Sample.host("b.example.org", .failed("no answer")),
                ],
                [try Sample.certificate("a.example.org")],
                signals: [Sample.signal("a.example.org")]
            ),
            at: .seconds(1)
        )
        board.requests.count("api.cloudflare.com", "200")
        board.requests.count("api.cloudflare.com", "429")
        board.requests.count("weird\"\\\nhost", "none")
        return board
    }

    private func lines(_ board: StatusHub) -> [String] {
        Metrics(board.metrics).description.split(separator: "\n").map(String.init)
    }

    @Test func `everything that a person wants to watch is there`() throws {
        let lines = try lines(board())
        let end = Sample.start.seconds + 60 * 86_400 + 3600
        let begin = Sample.start.seconds - 30 * 86_400
        for line in [
            #"landfall_runs_total{reason="event",outcome="failure"} 1"#,
            #"landfall_runs_total{reason="timer",outcome="success"} 0"#,
            #"landfall_triggers_total{kind="event"} 3"#, "landfall_triggers_coalesced_total 2",
            "landfall_engine_connected 1", "landfall_engine_reconnections_total 1",
            #"landfall_stage_duration_seconds_bucket{stage="certificate",le="1"} 0"#,
            #"landfall_stage_duration_seconds_bucket{stage="certificate",le="2.5"} 1"#,
            #"landfall_stage_duration_seconds_bucket{stage="certificate",le="+Inf"} 1"#,
            #"landfall_stage_duration_seconds_sum{stage="certificate"} 1.1"#,
            #"landfall_stage_duration_seconds_count{stage="certificate"} 1"#,
            #"landfall_api_requests_total{host="api.cloudflare.com",status="429"} 1"#,
            #"landfall_api_requests_total{host="weird\"\\\nhost",status="none"} 1"#,
            #"landfall_api_budget_used_requests{provider="Cloudflare"} 61"#,
            #"landfall_certificate_not_after_timestamp_seconds{host="a.example.org",certificate="a.example.org"} \#(end)"#,
            #"landfall_certificate_not_before_timestamp_seconds{host="a.example.org",certificate="a.example.org"} \#(begin)"#,
            #"landfall_hosts{state="failed"} 1"#, #"landfall_hosts{state="changed"} 1"#,
            #"landfall_signals_total{outcome="changed"} 1"#,
            #"landfall_notifications_total{notifier="slack",outcome="changed"} 1"#,
            #"landfall_backoff_failures{certificate="late.example.org"} 3"#,
            #"landfall_ca_limit_used{kind="domain",subject="example.org"} 40"#,
            #"landfall_changes_total{stage="record",outcome="failed"} 1"#,
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test func `the figures of the process are this process's`() throws {
        let process = OwnProcess()
        #expect(process.residentBytes > 1 << 20)
        #expect(process.virtualBytes >= process.residentBytes)
        #expect(process.openDescriptors > 2 && process.openDescriptors < process.descriptorLimit)
        #expect(process.threads >= 1)
        let now = Double(SystemClock().now.seconds)
        #expect(process.startSeconds > now - 86_400 * 7 && process.startSeconds <= now + 2)
        #expect(process.cpuSeconds > 0)
    }

    @Test func `records that a run did not read itself are not counted again`() throws {
        let board = Sample.board()
        let report = Sample.report([try Sample.host("b.example.org", .failed("no answer"))], reach: .local)
        board.play(report)
        #expect(lines(board).contains { $0.hasPrefix("landfall_changes_total{") } == false)
    }

    @Test(.enabled(if: MetricsTests.hasPromtool, "needs promtool, of Debian's prometheus"))
    func `promtool finds no fault with them`() async throws {
        for board in [try board(), Sample.board()] {
            let request = ProcessRequest(
                ["/usr/bin/promtool", "check", "metrics"],
                environment: [:],
                input: Array(Metrics(board.metrics).description.utf8),
                timeLimit: .seconds(60).scaledToLoad
            )
            let result = try await SpawnRunner().run(request, for: .run)
            #expect(result.end == .exited(0), "\(result.errorText)")
            #expect(result.outputText.isEmpty && result.errorText.isEmpty, "\(result.outputText)\(result.errorText)")
        }
    }

    private static let hasPromtool = unsafe access("/usr/bin/promtool", X_OK) == 0

    @Test func `requests are counted by host without port, for a limited number of hosts`() {
        let meter = RequestMeter()
        for number in 0..<200 { meter.count("host-\(number)", "200") }
        #expect(meter.counts.count == 65)
        #expect(meter.counts[["other", "200"]] == 136)
    }
}
