import Ports
import TestSupport
import Testing

/// The engine's events alone, as `docker events --format '{{json .}}'` prints them.
@Suite struct RawEventTests {
    private static let services = #"""
        [{"ID":"s1","Spec":{"Name":"web","Labels":{"landfall.host":"web.example.test,not_a_host!"}}}]
        """#

    @Test(arguments: ["events/create.jsonl", "events/label-update.jsonl", "events/multi-lifecycle-n1.jsonl"])
    func `each trigger is shown, and when the run would begin`(_ path: String) async throws {
        let result = try await ReplayProgram.run(["--quiet", "3s", "--max-wait", "9s", FixtureFile(path).file])
        #expect(result.end == .exited(0))
        let lines = result.outputText.split(separator: "\n")
        #expect(lines.contains { $0.contains("  trigger  ") && $0.contains(", so a run at ") })
        #expect(lines.contains { $0.contains("  run      1: ") })
        #expect(lines.last?.hasPrefix("events: ") == true)
    }

    @Test func `the services show which hosts a run would find requested`() async throws {
        let events = FixtureFile("events/create.jsonl").file
        let result = try await withFile(Self.services) { try await ReplayProgram.run([events, "--services", $0]) }
        #expect(result.end == .exited(0))
        #expect(result.outputText.contains("\nhost     web.example.test  record to the public address"))
        #expect(result.outputText.contains("\nrefused  "))
    }

    @Test func `lines that are not events are counted`() async throws {
        let text = try FixtureFile("events/create.jsonl").text() + "what?\n"
        let result = try await withFile(text) { try await ReplayProgram.run([$0]) }
        #expect(result.end == .exited(0))
        #expect(result.outputText.hasSuffix("; 1 lines are not events and were skipped\n"))
    }

    @Test func `events and a recording are merged by time`() async throws {
        let files = [Scenario("removal").file, FixtureFile("events/create.jsonl").file]
        let result = try await ReplayProgram.run(files)
        #expect(result.end == .exited(0))
        #expect(result.outputText.contains("The decisions are those recorded."))
        #expect(result.outputText.contains("\nevents: "))
    }
}
