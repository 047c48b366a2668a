import Emulators
import FoundationEssentials
import Pipeline
import Ports
import Report
import Testing

extension IntegrationTests {
    @Suite struct DryRunTests {
        @Test func `plan says what a run would do, and changes nothing`() async throws {
            try await SandboxFixture.play { scene in
                let proxy = try await scene.createListener()
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host])

                let text = try await scene.command("plan")
                #expect(text.end == .exited(0))
                #expect(text.outputText.contains("+ \(host)  A 85.214.132.117"))
                let json = try await scene.command("plan", "--json")
                let plan = try JSONDecoder().decode(Report.self, from: Data(json.output))
                #expect(plan.records.map(\.action) == [.create])
                #expect(plan.certificates.map(\.action) == [.issue])
                #expect(plan.signals.map(\.lineages) == [[host]])
                #expect(plan.changes == 3)
                try await scene.expectNothingWritten()
                #expect(proxy.signals == 0)
            }
        }

        @Test func `a daemon told to run dry does nothing either`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host])
                let landfall = try await scene.launch(["LANDFALL_DRY_RUN": "yes"])
                try await until("that it looked at the records") {
                    try await scene.emulators.requests(of: .cloudflare).contains { $0.path.contains("dns_records") }
                }
                try await scene.createService("other", ["landfall.host": scene.host("other")])
                try await until("that it looked again") {
                    try await scene.emulators.requests(of: .cloudflare).count { $0.path.contains("dns_records") } > 1
                }
                await landfall.dismiss()
                try await scene.expectNothingWritten()
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
