import Emulators
import Glibc
import Model
import Ports
import TestSupport
import Testing

/// The commands that ask a daemon.
@Suite(.limited(minutes: 5)) struct DryRunCommandTests {
    @Test func `a dry run answers status, health, explain and record, and writes nothing`() async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            // A token as short as this fixture's could not be kept out of a recording.
            let dry = ["LANDFALL_DRY_RUN": "yes", "SLACK_TOKEN": "", "SLACK_CHANNEL": ""]
            try await fixture.start(dry)
            // Also for who does not know that it is one.
            for changes in [dry, [:]] {
                let status = try await fixture.command("status", changes: changes)
                #expect(status.outputText.contains("dry run") && status.outputText.contains("www.example.test"))
                #expect(try await fixture.command("health", changes: changes).outputText == "healthy\n")
            }
            #expect(try await fixture.command("once", changes: dry).outputText.contains("Records"))
            #expect(try await fixture.command("explain", "www.example.test", changes: dry).end == .exited(0))
            let recording = try await LandfallProcess(
                file: "\(fixture.path)/record.pid",
                log: "\(fixture.path)/record.log",
                environment: fixture.variables(dry),
                arguments: ["record", "\(fixture.path)/recording.ndjson"]
            )
            try await eventually("a recording") {
                fixture.text("recording.ndjson")?.contains("www.example.test") == true
            }
            recording.signal(SIGINT)
            try await recording.ended()
            #expect(fixture.text("state/landfall.sock") == nil && fixture.records.isEmpty)
        }
    }

    @Test func `once beside a daemon shows what the daemon does while it does it`() async throws {
        try await HostileFixture.use { fixture in
            try await fixture.start()
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            let once = try await fixture.command("once")
            #expect(once.end == .exited(0))
            #expect(once.errorText.contains("www.example.test") && once.errorText.contains("record"))
        }
    }
}
