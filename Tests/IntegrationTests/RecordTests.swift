import Glibc
import Model
import Ports
import Processes
import Testing

extension IntegrationTests {
    @Suite struct RecordTests {
        @Test func `a daemon that records is replayed to the same decisions, however it ended`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                let folder = "\(scene.folder)/recordings"
                try await scene.createService("web", ["landfall.host": host])
                let first = try await scene.launch(["LANDFALL_RECORD": folder])
                _ = try await scene.awaitCertificate(host)
                try await scene.runOnce()
                await first.dismiss()
                let second = try await scene.launch(["LANDFALL_RECORD": folder])
                try await scene.runOnce()
                second.signal(SIGKILL)
                try await second.ended()
                let files = Disk.all(below: folder)
                #expect(files.count == 2)
                for file in files { try await scene.expectSameDecisions(in: file) }
            }
        }

        @Test func `a running daemon is recorded from its next idle moment on, until Ctrl-C`() async throws {
            try await SandboxFixture.play { scene in
                try await scene.createService(
                    "web",
                    ["landfall.host": scene.host("web"), "landfall.certificate": "none"]
                )
                try await scene.start()
                let file = "\(scene.folder)/recording"
                let end = try await scene.record(into: file) {
                    try await until("the recording's beginning") {
                        Disk.text(file)?.contains("a recording began") == true
                    }
                    try await scene.runOnce()
                    try await until("the run in it") { Disk.text(file)?.contains("asked for by hand") == true }
                }
                #expect(end == .exited(0))
                try await scene.expectSameDecisions(in: file)
                // It is not recorded any more.
                let size = Disk.bytes(file)?.count
                try await scene.runOnce()
                #expect(Disk.bytes(file)?.count == size)
            }
        }

        @Test func `without a daemon, one of its own is recorded`() async throws {
            try await SandboxFixture.play { scene in
                try await scene.createService(
                    "web",
                    ["landfall.host": scene.host("web"), "landfall.certificate": "none"]
                )
                let file = "\(scene.folder)/recording"
                let end = try await scene.record(into: file) {
                    try await until("a run") { Disk.text(file)?.contains("\"ended\"") == true }
                }
                #expect(end == .exited(0))
                try await scene.expectSameDecisions(in: file)
            }
        }

        @Test func `where nothing can be recorded, everything else goes on`() async throws {
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": host, "landfall.certificate": "none"])
                try await scene.start(["LANDFALL_RECORD": "/proc/nowhere"])
                try await scene.awaitAddress(of: host)
                #expect(Disk.text(scene.log)?.contains("the recording has a gap") == true)
            }
        }

        @Test func `a secret too short to be told from other text keeps everything from being recorded`() async throws {
            try await SandboxFixture.play { scene in
                let file = "\(scene.folder)/recording"
                let changes = ["CLOUDFLARE_API_TOKEN": "short", "LANDFALL_RECORD": "\(scene.folder)/recordings"]
                let result = try await scene.command("record", file, changes: changes)
                #expect(result.end == .exited(1))
                #expect(result.errorText.contains("CLOUDFLARE_API_TOKEN has fewer than 8 characters"))
                #expect(!Disk.exists(file))
                try await scene.start(changes)
                #expect(Disk.text(scene.log)?.contains("cannot record") == true)
                #expect(!Disk.exists("\(scene.folder)/recordings"))
            }
        }

        @Test(arguments: [
            ([], "needs a file"), (["a", "b"], "one operand"), (["a", "--limit", "many"], "--limit takes a size"),
            (["--all", "a"], "no option"), (["/proc/nowhere/a"], "/proc/nowhere/a"), (["/dev/null"], "File exists"),
        ])
        func `wrong arguments are one clear line`(arguments: [String], said: String) async throws {
            try await SandboxFixture.play { scene in
                let result = try await SpawnRunner().run(
                    ProcessRequest(
                        [SandboxAccess.landfall, "record"] + arguments,
                        environment: scene.variables(),
                        timeLimit: .seconds(30)
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
        let recorder = try await Landfall(
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
