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
            try await SandboxFixture.play { scene in
                let host = scene.host("web")
                try await scene.createService("web", ["landfall.host": "\(host),me@example.test"])
                try await scene.start(Self.quick)
                let table = try await scene.command("status")
                // A label that is refused needs attention.
                #expect(table.end == .exited(1))
                for words in [
                    "Swarm manager", "NAME", "RECORD", host, "me@example.test", "1 label is rejected", "last 0 s ago",
                ] {
                    #expect(table.outputText.contains(words), "\(words): \(table.outputText)")
                }
                #expect(!table.output.contains(0x1B))
                let document = try await scene.command("status", "--json")
                let status = try JSONDecoder().decode(StatusDocument.self, from: Data(document.output))
                #expect(status.hosts?.map(\.name.text) == [host])
                #expect(status.daemon.switchedOff == ["certificates"])
            }
        }

        @Test func `colours are for terminals, and for nobody who does not want them`() async throws {
            try await SandboxFixture.play { scene in
                try await scene.start(Self.quick)
                // util-linux' script gives it a terminal.
                func status(_ changes: [String: String]) async throws -> ProcessResult {
                    try await scene.command(
                        changes: ["TERM": "xterm"].merging(changes) { $1 },
                        by: [
                            "script", "--quiet", "--return", "--command", "\(SandboxAccess.landfall) status",
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
            try await SandboxFixture.play { scene in
                try await scene.start(Self.quick)
                let (file, output) = ("\(scene.folder)/watch-pid", "\(scene.folder)/watched")
                let watch = try await Landfall(
                    file: file,
                    log: output,
                    environment: scene.variables(),
                    arguments: ["status", "--watch", "--json"]
                )
                func seen() -> [StatusDocument] {
                    (Disk.text(output) ?? "").split(separator: "\n").compactMap {
                        try? JSONDecoder().decode(StatusDocument.self, from: Data($0.utf8))
                    }
                }
                try await until("the first line") { seen().count == 1 }
                try await scene.runOnce()
                try await until("the run") { seen().last?.runs.count == 2 }
                watch.signal(SIGINT)
                #expect(try await watch.ended() == .signalled(SIGINT))
            }
        }

        @Test func `without a daemon it says so`() async throws {
            try await SandboxFixture.play { scene in
                let result = try await scene.command("status")
                #expect(result.end == .exited(1) && result.output.isEmpty)
                #expect(result.errorText.contains("no daemon listens at"))
            }
        }

        @Test func `a place that was chosen has to be free, the standard one need not be`() async throws {
            try await SandboxFixture.play { scene in
                try await scene.start(Self.quick)
                let taken = try await scene.pageURL().replacing("http://", with: "")
                let other = Self.quick.merging([
                    "LANDFALL_STATE_DIR": "\(scene.folder)/other", "LANDFALL_LISTEN": taken,
                ]) { $1 }
                let second = try await scene.launch(other)
                #expect(try await second.ended() == .exited(1))
                #expect(Disk.text(scene.log)?.contains("another process already listens on \(taken)") == true)
                let check = try await scene.command("check", changes: other)
                #expect(
                    check.outputText.contains("✗ status page") && check.outputText.contains("→ set LANDFALL_LISTEN")
                )
            }
        }

        @Test func `it is served on a Unix socket as well, or nowhere`() async throws {
            try await SandboxFixture.play { scene in
                let path = "\(scene.folder)/page.sock"
                let first = try await scene.start(Self.quick.merging(["LANDFALL_LISTEN": "unix:\(path)"]) { $1 })
                var information = stat()
                #expect(unsafe lstat(path, &information) == 0)
                #expect(information.st_mode == S_IFSOCK | 0o660)
                first.signal(SIGTERM)
                try await first.ended()
                #expect(!Disk.exists(path))
                try await scene.launch(Self.quick.merging(["LANDFALL_LISTEN": "off"]) { $1 })
                try await until("its start") { scene.logLines("started").count == 2 }
                #expect(scene.logLines("started").last?.listen == "off")
            }
        }
    }
}
