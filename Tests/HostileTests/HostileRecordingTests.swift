import Files
import Model
import Ports
import Processes
import TestSupport
import Testing

/// Recordings that were made to harm, and what recordings may tell of.
@Suite(.limited(minutes: 5)) struct HostileRecordingTests {
    private static let scenario = FixtureFile("recordings/removal.ndjson")

    /// Files that are no recordings, or strange ones.
    static let files: [(name: String, bytes: @Sendable () throws -> [UInt8])] = [
        ("nothing", { [] }), ("line feeds", { [UInt8](repeating: 10, count: 100_000) }),
        ("zeros", { [UInt8](repeating: 0, count: 1 << 20) }),
        (
            "noise",
            {
                var chance = SeededRandom(seed: 15)
                return (0..<(1 << 18)).map { _ in UInt8.random(in: 0...255, using: &chance) }
            }
        ), ("a deep line", { Array(String(repeating: "[", count: 500_000).utf8) }),
        ("a deep object", { Array(String(repeating: #"{"exchange":"#, count: 200_000).utf8) }),
        ("a long line", { Array(#"{"recording":"\#(String(repeating: "x", count: 30 << 20))"}"#.utf8) }),
        ("half of one", { Array(try scenario.bytes().prefix(try scenario.bytes().count / 2)) }),
        ("one without its beginning", { Array(try scenario.bytes().drop { $0 != 10 }.dropFirst()) }),
        ("one twice", { try scenario.bytes() + scenario.bytes() }),
        (
            "one in another order",
            {
                let lines = try scenario.text().split(separator: "\n")
                return Array((lines.prefix(1) + lines.dropFirst().reversed()).joined(separator: "\n").utf8)
            }
        ),
        (
            "one whose every text has combining marks",
            {
                let marks = HostileText.combiningMarks(bytes: 100_000)
                return Array(try scenario.text().replacing("example.test", with: marks).utf8)
            }
        ),
    ]

    @Test(arguments: files.indices) func `a hostile recording ends in a clear sentence, or is replayed`(index: Int)
        async throws
    {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = "\(folder.path)/recording.ndjson"
        try SystemFiles().write(try Self.files[index].bytes(), to: path, mode: 0o600, for: .run)
        for arguments in [[], ["--json"], ["--diagram", "mermaid"]] {
            let result = try await LandfallProgram.run(["replay"] + arguments + [path])
            let name = Self.files[index].name
            let isFine = [0, 2, 3].contains { result.end == .exited($0) }
            #expect(isFine, "\(name): \(result.end) \(sanitized(result.errorText))")
            guard result.end == .exited(2) else { continue }
            #expect(result.errorText.split(separator: "\n").count == 1, "\(name): \(sanitized(result.errorText))")
            #expect(result.errorText.utf8.count < 1000, "\(name)")
        }
    }

    /// In every part of the configuration that may hold a secret.
    private static let secrets: [String: String] = [
        "CERTBOT_DEPLOY_HOOK":
            #"curl -H "Authorization: Bearer hunter2-header" --user me:hunter2-user -d token=hunter2-field "#
            + "https://x:hunter2-url@127.0.0.1:9/?key=hunter2-query; HOOK_PASSWORD=hunter2-variable false",
        "CERTBOT_ARGUMENTS": "--dns-x-token hunter2-argument --dns-x-key=hunter2-option", "SLACK_TOKEN": "xoxb-hunter2",
        "LANDFALL_WEBHOOK_URL": "http://127.0.0.1:9/hunter2-path",
        "LANDFALL_WEBHOOK_SECRET": "hunter2-key", "NTFY_URL": "http://127.0.0.1:9/hunter2-topic",
        "https_proxy": "http://me:hunter2-proxy@127.0.0.1:9",
    ]

    @Test func `no secret of the configuration is in a recording, the log, the page, or what commands print`()
        async throws
    {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            let changes = certbot.variables.merging(Self.secrets) { $1 }
                .merging(["LANDFALL_RECORD": "\(fixture.path)/recordings", "LANDFALL_LOG_LEVEL": "debug"]) { $1 }
            let daemon = try await fixture.start(changes)
            #expect(certbot.orders == ["www.example.test"])
            _ = try await fixture.run()
            var texts = [("log", fixture.log), ("status", try await fixture.askPage("/api/status").text)]
            for command in ["plan", "once", "status", "check"] {
                let result = try await fixture.command(command, changes: changes)
                texts.append((command, result.outputText + result.errorText))
            }
            try await fixture.stop(daemon)
            let names = try SystemFiles().list("\(fixture.path)/recordings", for: .run)
            #expect(!names.isEmpty)
            texts += names.map { ($0, fixture.text("recordings/\($0)") ?? "") }
            texts.append(("state", fixture.text("state/state.sqlite") ?? ""))
            for (place, text) in texts {
                #expect(!text.isEmpty, "\(place)")
                for secret in ["hunter2", "good-token"] {
                    let found = text.ranges(of: secret).prefix(3).map { text[$0.lowerBound...].prefix(20) }
                    #expect(found.isEmpty, "\(place): \(found)")
                }
            }
        }
    }
}
