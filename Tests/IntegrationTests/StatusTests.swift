import DNS
import Emulators
import FoundationEssentials
import Glibc
import Model
import Pipeline
import Ports
import Processes
import Report
import Status
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct StatusTests {
        private static let quick = ["LANDFALL_CERTIFICATES": "off"]

        @Test func `a host's way is on the page, to its certificate and the signal for it`() async throws {
            try await SandboxFixture.use { fixture in
                _ = try await fixture.createReceiver()
                let host = fixture.host("web")
                try await fixture.start()
                try await fixture.createService("web", ["landfall.host": host])
                _ = try await fixture.awaitCertificate(host)
                let row = try await eventually("the host's signal") {
                    try await fixture.status().hosts?.first { $0.name.text == host && $0.signal != nil }
                }
                #expect(row.origins.map(\.name) == ["web-\(fixture.token)"])
                #expect(row.record?.current == "A \(AddressSettings().ipv4)")
                #expect((row.certificate?.daysLeft(at: try await fixture.status().now) ?? 0) > 1)
                #expect(row.signal?.target.contains("proxy-\(fixture.token)") == true)
                let status = try await fixture.status()
                #expect(status.engine.state == .following && status.engine.mode?.contains("Swarm manager") == true)
                #expect(status.budgets.map(\.provider).contains { $0.contains("Cloudflare") })
                #expect(status.addresses.map(\.address.description) == [AddressSettings().ipv4])
                let run = try #require(status.runs.first { !$0.changes.isEmpty })
                #expect(run.changes.contains { $0.contains(host) })
                #expect(run.stages.map(\.stage).contains(.certificate))
                // One line of the log says all of it.
                let lines = fixture.logLines("run ended").filter { line in
                    line.changes.contains { $0.contains(host) }
                }
                #expect(lines.count == 1)
                #expect(lines.first?.changes.contains { $0.contains("certificate \(host): issued") } == true)
            }
        }

        @Test(.enabled(if: Browser.isInstalled, "needs Debian's chromium"))
        func `a label that is a script is shown as the text that it is`() async throws {
            let markup = #"<script>document.title="taken"</script>"#
            try await SandboxFixture.use { fixture in
                try await fixture.createService("web", ["landfall.host": "\(fixture.host("web")),\(markup)"])
                try await fixture.start(Self.quick)
                let url = try await fixture.pageURL()
                let host = fixture.host("web")
                try await Browser.open { browser in
                    let page = try await browser.page()
                    try await page.go(to: url)
                    try await page.eventually("document.querySelector('#note-list').textContent.includes('<script>')")
                    try await page.eventually("document.querySelector('#hosts').textContent.includes('\(host)')")
                    #expect(try await page.number("document.querySelectorAll('script').length") == 1)
                    #expect(try await page.text("document.title").contains("Landfall"))
                    #expect(page.complaints == [])
                }
            }
        }

        @Test func `an engine that is away makes the daemon neither ill nor silent`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.start(["DOCKER_HOST": "unix:///nowhere/docker.sock"])
                #expect(try await fixture.ask("/healthz").status == 200)
                #expect(try await fixture.ask("/readyz").status == 200)
                let status = try await fixture.status()
                #expect(status.engine.state == .lost)
                #expect(status.hosts == nil)
                #expect(status.needsAttention.first?.contains("start Docker") == true)
                #expect(try await fixture.command("health").end == .exited(0))
                #expect(try await fixture.command("status").end == .exited(1))
            }
        }

        @Test func `the last runs survive a restart`() async throws {
            try await SandboxFixture.use { fixture in
                let first = try await fixture.start(Self.quick)
                try await fixture.runOnce()
                let runs = try await fixture.status().runs
                first.signal(SIGTERM)
                try await first.ended()
                try await fixture.launch(Self.quick)
                try await eventually("another run") { fixture.logLines("run ended").count > runs.count }
                let later = try await fixture.status().runs
                #expect(later.dropFirst(later.count - runs.count).map(\.number) == runs.map(\.number))
                #expect(later.first?.number == runs.count + 1)
            }
        }

        @Test func `the metrics of a daemon at work are as they should be`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                try await fixture.start(Self.quick)
                // Slack has the notice before Landfall has counted Slack's answer.
                // The run and its notice are counted one after the other, beside what is seen from outside.
                let beginnings = [
                    #"landfall_runs_total{reason="start",outcome="success"} 1"#, "landfall_engine_connected 1",
                    #"landfall_api_requests_total{host="docker",status="200"}"#,
                    #"landfall_notifications_total{notifier="slack""#, #"landfall_api_budget_limit_requests{"#,
                    #"landfall_stage_duration_seconds_count{stage="record"}"#,
                    #"landfall_changes_total{stage="record",outcome="changed"} 1"#,
                ]
                let answer = try await eventually("all metrics of the first run") {
                    let answer = try await fixture.ask("/metrics")
                    let lines = answer.text.split(separator: "\n")
                    let isWhole = beginnings.allSatisfy { start in lines.contains { $0.hasPrefix(start) } }
                    return isWhole ? answer : nil
                }
                let request = ProcessRequest(
                    ["promtool", "check", "metrics"],
                    environment: ["PATH": "/usr/bin:/bin"],
                    input: answer.body,
                    timeLimit: .seconds(60).scaledToLoad
                )
                let check = try await SpawnRunner().run(request, for: .run)
                #expect(check.end == .exited(0) && check.errorText.isEmpty, "\(check.errorText)")
            }
        }
    }
}
