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
            try await SandboxFixture.play { scene in
                _ = try await scene.createListener()
                let host = scene.host("web")
                try await scene.start()
                try await scene.createService("web", ["landfall.host": host])
                _ = try await scene.awaitCertificate(host)
                let row = try await awaited("the host's signal") {
                    try await scene.status().hosts?.first { $0.name.text == host && $0.signal != nil }
                }
                #expect(row.origins.map(\.name) == ["web-\(scene.token)"])
                #expect(row.record?.current == "A \(AddressSettings().ipv4)")
                #expect((row.certificate?.daysLeft(at: try await scene.status().now) ?? 0) > 1)
                #expect(row.signal?.target.contains("proxy-\(scene.token)") == true)
                let status = try await scene.status()
                #expect(status.engine.state == .following && status.engine.mode?.contains("Swarm manager") == true)
                #expect(status.budgets.map(\.provider).contains { $0.contains("Cloudflare") })
                #expect(status.addresses.map(\.address.description) == [AddressSettings().ipv4])
                let run = try #require(status.runs.first { !$0.changes.isEmpty })
                #expect(run.changes.contains { $0.contains(host) })
                #expect(run.stages.map(\.stage).contains(.certificate))
                // One line of the log says all of it.
                let lines = scene.logLines("run ended").filter { line in
                    line.changes.contains { $0.contains(host) }
                }
                #expect(lines.count == 1)
                #expect(lines.first?.changes.contains { $0.contains("certificate \(host): issued") } == true)
            }
        }

        @Test(.enabled(if: Browser.isInstalled, "needs Debian's chromium"))
        func `a label that is a script is shown as the text that it is`() async throws {
            let markup = #"<script>document.title="taken"</script>"#
            try await SandboxFixture.play { scene in
                try await scene.createService("web", ["landfall.host": "\(scene.host("web")),\(markup)"])
                try await scene.start(Self.quick)
                let url = try await scene.pageURL()
                let host = scene.host("web")
                try await Browser.open { browser in
                    let page = try await browser.page()
                    try await page.go(to: url)
                    try await page.until("document.querySelector('#note-list').textContent.includes('<script>')")
                    try await page.until("document.querySelector('#hosts').textContent.includes('\(host)')")
                    #expect(try await page.number("document.querySelectorAll('script').length") == 1)
                    #expect(try await page.text("document.title").contains("Landfall"))
                    #expect(page.complaints == [])
                }
            }
        }

        @Test func `an engine that is away makes the daemon neither ill nor silent`() async throws {
            try await SandboxFixture.play { scene in
                try await scene.start(["DOCKER_HOST": "unix:///nowhere/docker.sock"])
                #expect(try await scene.ask("/healthz").status == 200)
                #expect(try await scene.ask("/readyz").status == 200)
                let status = try await scene.status()
                #expect(status.engine.state == .lost)
                #expect(status.hosts == nil)
                #expect(status.needsAttention.first?.contains("start Docker") == true)
                #expect(try await scene.command("health").end == .exited(0))
                #expect(try await scene.command("status").end == .exited(1))
            }
        }

        @Test func `the last runs survive a restart`() async throws {
            try await SandboxFixture.play { scene in
                let first = try await scene.start(Self.quick)
                try await scene.runOnce()
                let runs = try await scene.status().runs
                first.signal(SIGTERM)
                try await first.ended()
                try await scene.launch(Self.quick)
                try await until("another run") { scene.logLines("run ended").count > runs.count }
                let later = try await scene.status().runs
                #expect(later.dropFirst(later.count - runs.count).map(\.number) == runs.map(\.number))
                #expect(later.first?.number == runs.count + 1)
            }
        }

        @Test func `the metrics of a daemon at work are as they should be`() async throws {
            try await SandboxFixture.play { scene in
                try await scene.createService("web", ["landfall.host": scene.host("web")])
                try await scene.start(Self.quick)
                let answer = try await scene.ask("/metrics")
                let lines = answer.text.split(separator: "\n")
                for beginning in [
                    #"landfall_runs_total{reason="start",outcome="success"} 1"#, "landfall_engine_connected 1",
                    #"landfall_api_requests_total{host="docker",status="200"}"#,
                    #"landfall_notifications_total{notifier="slack""#,
                    #"landfall_api_budget_limit_requests{"#,
                    #"landfall_stage_duration_seconds_count{stage="record"} 1"#,
                    #"landfall_changes_total{stage="record",outcome="changed"} 1"#,
                ] {
                    #expect(lines.contains { $0.hasPrefix(beginning) }, "\(beginning)")
                }
                let request = ProcessRequest(
                    ["promtool", "check", "metrics"],
                    environment: ["PATH": "/usr/bin:/bin"],
                    input: answer.body,
                    timeLimit: .seconds(60)
                )
                let check = try await SpawnRunner().run(request, for: .run)
                #expect(check.end == .exited(0) && check.errorText.isEmpty, "\(check.errorText)")
            }
        }
    }
}
