import Glibc
import Model
import Ports
import Processes
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct RecordTests {
        @Test func `a daemon that records is replayed to the same decisions, however it ended`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                let folder = "\(fixture.folder)/recordings"
                try await fixture.createService("web", ["landfall.host": host])
                let first = try await fixture.launch(["LANDFALL_RECORD": folder])
                _ = try await fixture.awaitCertificate(host)
                try await fixture.runOnce()
                await first.dismiss()
                let second = try await fixture.launch(["LANDFALL_RECORD": folder])
                // Before that, `landfall once` would run by itself.
                try await eventually("its start") { fixture.logLines("started").count == 2 }
                try await fixture.runOnce()
                second.signal(SIGKILL)
                try await second.ended()
                let files = Disk.all(below: folder)
                #expect(files.count == 2)
                for file in files { try await fixture.expectSameDecisions(in: file) }
            }
        }

        @Test func `a running daemon is recorded from its next idle moment on, until Ctrl-C`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.createService(
                    "web",
                    ["landfall.host": fixture.host("web"), "landfall.certificate": "none"]
                )
                try await fixture.start()
                let file = "\(fixture.folder)/recording"
                let end = try await fixture.record(into: file) {
                    try await eventually("the recording's beginning") {
                        Disk.text(file)?.contains("a recording began") == true
                    }
                    try await fixture.runOnce()
                    try await eventually("the run in it") { Disk.text(file)?.contains("asked for by hand") == true }
                }
                #expect(end == .exited(0))
                try await fixture.expectSameDecisions(in: file)
                // It is not recorded any more.
                let size = Disk.bytes(file)?.count
                try await fixture.runOnce()
                #expect(Disk.bytes(file)?.count == size)
            }
        }

        @Test func `without a daemon, one of its own is recorded`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.createService(
                    "web",
                    ["landfall.host": fixture.host("web"), "landfall.certificate": "none"]
                )
                let file = "\(fixture.folder)/recording"
                let end = try await fixture.record(into: file) {
                    try await eventually("a run") { Disk.text(file)?.contains("\"ended\"") == true }
                }
                #expect(end == .exited(0))
                try await fixture.expectSameDecisions(in: file)
            }
        }

        @Test func `where nothing can be recorded, everything else goes on`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host, "landfall.certificate": "none"])
                try await fixture.start(["LANDFALL_RECORD": "/proc/nowhere"])
                try await fixture.awaitAddress(of: host)
                #expect(Disk.text(fixture.log)?.contains("the recording has a gap") == true)
            }
        }

        @Test func `a secret too short to be told from other text keeps everything from being recorded`() async throws {
            try await SandboxFixture.use { fixture in
                let file = "\(fixture.folder)/recording"
                let changes = ["CLOUDFLARE_API_TOKEN": "short", "LANDFALL_RECORD": "\(fixture.folder)/recordings"]
                let result = try await fixture.command("record", file, changes: changes)
                #expect(result.end == .exited(1))
                #expect(result.errorText.contains("CLOUDFLARE_API_TOKEN has fewer than 8 characters"))
                #expect(!Disk.exists(file))
                try await fixture.start(changes)
                #expect(Disk.text(fixture.log)?.contains("cannot record") == true)
                #expect(!Disk.exists("\(fixture.folder)/recordings"))
            }
        }

        @Test(arguments: [
            ([], "needs a file"), (["a", "b"], "one operand"), (["a", "--limit", "many"], "--limit takes a size"),
            (["--all", "a"], "no option"), (["/proc/nowhere/a"], "/proc/nowhere/a"), (["/dev/null"], "File exists"),
        ])
        func `wrong arguments are one clear line`(arguments: [String], said: String) async throws {
            try await SandboxFixture.use { fixture in
                let result = try await SpawnRunner().run(
                    ProcessRequest(
                        [LandfallProgram.path, "record"] + arguments,
                        environment: fixture.variables(),
                        timeLimit: .seconds(30).scaledToLoad
                    ),
                    for: .run
                )
                #expect(result.end == .exited(2))
                #expect(result.outputText.isEmpty)
                let lines = result.errorText.split(separator: "\n")
                #expect(lines.count == 1 && lines.first?.contains(said) == true, "\(result.errorText)")
            }
        }
    }
}

extension SandboxFixture {
    /// Runs `landfall record` for as long as `body` takes, and returns how it ended.
    fileprivate func record(into file: String, _ body: () async throws -> Void) async throws -> ProcessResult.End {
        let recorder = try await LandfallProcess(
            file: "\(folder)/pid-recorder",
            log: "\(folder)/recorder.log",
            environment: variables(),
            arguments: ["record", file]
        )
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        recorder.signal(SIGINT)
        let end = try? await recorder.ended()
        await recorder.dismiss()
        try result.get()
        return try #require(end)
    }

    fileprivate func expectSameDecisions(in file: String) async throws {
        let result = try await command("replay", file)
        #expect(result.end == .exited(0), "\(result.outputText.suffix(2000))")
    }
}
