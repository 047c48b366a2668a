import FoundationEssentials
import Glibc
import Model
import Ports
import Status
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct StatusCommandTests {
        private static let quick = ["LANDFALL_CERTIFICATES": "off"]

        @Test func `status is a table for people, and a document for programs`() async throws {
            try await SandboxFixture.use { fixture in
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": "\(host),me@example.test"])
                try await fixture.start(Self.quick)
                let table = try await fixture.command("status")
                // A label that is refused needs attention.
                #expect(table.end == .exited(1))
                for words in [
                    "Swarm manager", "NAME", "RECORD", host, "me@example.test", "1 label is rejected", "last 0 s ago",
                ] {
                    #expect(table.outputText.contains(words), "\(words): \(table.outputText)")
                }
                #expect(!table.output.contains(0x1B))
                let document = try await fixture.command("status", "--json")
                let status = try JSONDecoder().decode(StatusDocument.self, from: Data(document.output))
                #expect(status.hosts?.map(\.name.text) == [host])
                #expect(status.daemon.switchedOff == ["certificates"])
            }
        }

        @Test func `colours are for terminals, and for nobody who does not want them`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.start(Self.quick)
                // util-linux' script gives it a terminal.
                func status(_ changes: [String: String]) async throws -> ProcessResult {
                    try await fixture.command(
                        changes: ["TERM": "xterm"].merging(changes) { $1 },
                        by: [
                            "script", "--quiet", "--return", "--command", "\(LandfallProgram.path) status",
                            "/dev/null",
                        ]
                    )
                }
                let coloured = try await status([:])
                #expect(coloured.outputText.contains("\u{1B}[32mHealthy: everything is up to date."))
                #expect(try await status(["NO_COLOR": "1"]).output.contains(0x1B) == false)
                #expect(try await status(["TERM": "dumb"]).output.contains(0x1B) == false)
            }
        }

        @Test func `who watches gets a line for every change, until he has enough`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.start(Self.quick)
                let (file, output) = ("\(fixture.folder)/watch-pid", "\(fixture.folder)/watched")
                let watch = try await LandfallProcess(
                    file: file,
                    log: output,
                    environment: fixture.variables(),
                    arguments: ["status", "--watch", "--json"]
                )
                func seen() -> [StatusDocument] {
                    (Disk.text(output) ?? "").split(separator: "\n").compactMap {
                        try? JSONDecoder().decode(StatusDocument.self, from: Data($0.utf8))
                    }
                }
                try await eventually("the first line") { seen().count == 1 }
                try await fixture.runOnce()
                try await eventually("the run") { seen().last?.runs.count == 2 }
                watch.signal(SIGINT)
                #expect(try await watch.ended() == .signalled(SIGINT))
            }
        }

        @Test func `without a daemon it says so`() async throws {
            try await SandboxFixture.use { fixture in
                let result = try await fixture.command("status")
                #expect(result.end == .exited(1) && result.output.isEmpty)
                #expect(result.errorText.contains("no daemon listens at"))
            }
        }

        @Test func `a place that was chosen has to be free, the standard one need not be`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.start(Self.quick)
                let taken = try await fixture.pageURL().replacing("http://", with: "")
                let other = Self.quick.merging([
                    "LANDFALL_STATE_DIR": "\(fixture.folder)/other", "LANDFALL_LISTEN": taken,
                ]) { $1 }
                let second = try await fixture.launch(other)
                #expect(try await second.ended() == .exited(1))
                #expect(Disk.text(fixture.log)?.contains("another process already listens on \(taken)") == true)
                let check = try await fixture.command("check", changes: other)
                #expect(
                    check.outputText.contains("✗ status page") && check.outputText.contains("→ set LANDFALL_LISTEN")
                )
            }
        }

        @Test func `it is served on a Unix socket as well, or nowhere`() async throws {
            try await SandboxFixture.use { fixture in
                let path = "\(fixture.folder)/page.sock"
                let first = try await fixture.start(Self.quick.merging(["LANDFALL_LISTEN": "unix:\(path)"]) { $1 })
                var information = stat()
                #expect(unsafe lstat(path, &information) == 0)
                #expect(information.st_mode == S_IFSOCK | 0o660)
                first.signal(SIGTERM)
                try await first.ended()
                #expect(!Disk.exists(path))
                try await fixture.launch(Self.quick.merging(["LANDFALL_LISTEN": "off"]) { $1 })
                try await eventually("its start") { fixture.logLines("started").count == 2 }
                #expect(fixture.logLines("started").last?.listen == "off")
            }
        }
    }
}
