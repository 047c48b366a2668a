import Emulators
import FoundationEssentials
import Pipeline
import Ports
import Report
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct DryRunTests {
        @Test func `plan says what a run would do, and changes nothing`() async throws {
            try await SandboxFixture.use { fixture in
                let proxy = try await fixture.createReceiver()
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])

                let text = try await fixture.command("plan")
                #expect(text.end == .exited(0))
                #expect(text.outputText.contains("+ \(host)  A 85.214.132.117"))
                let json = try await fixture.command("plan", "--json")
                let plan = try JSONDecoder().decode(Report.self, from: Data(json.output))
                #expect(plan.records.map(\.action) == [.create])
                #expect(plan.certificates.map(\.action) == [.issue])
                #expect(plan.signals.map(\.lineages) == [[host]])
                #expect(plan.changes == 3)
                try await fixture.expectNothingWritten()
                #expect(proxy.signals == 0)
            }
        }

        @Test func `a daemon told to run dry does nothing either`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                let landfall = try await fixture.launch(["LANDFALL_DRY_RUN": "yes"])
                try await eventually("that it looked at the records") {
                    try await fixture.emulators.requests(of: .cloudflare).contains { $0.path.contains("dns_records") }
                }
                try await fixture.createService("other", ["landfall.host": fixture.host("other")])
                try await eventually("that it looked again") {
                    try await fixture.emulators.requests(of: .cloudflare).count { $0.path.contains("dns_records") } > 1
                }
                await landfall.dismiss()
                try await fixture.expectNothingWritten()
            }
        }
    }
}

extension SandboxFixture {
    fileprivate func expectNothingWritten() async throws {
        #expect(try await !emulators.requests(of: .cloudflare).isEmpty)
        #expect(try await writes().isEmpty)
        #expect(try await messages().isEmpty)
        #expect(Disk.names(in: folder).filter { ["state", "letsencrypt"].contains($0) }.isEmpty)
    }
}
