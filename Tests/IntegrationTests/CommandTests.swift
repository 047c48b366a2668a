import Emulators
import Glibc
import Ports
import TestSupport
import Testing

extension IntegrationTests {
    @Suite struct CommandTests {
        @Test(arguments: [
            (["DOCKER_HOST": "ssh://host"], "DOCKER_HOST"), (["LANDFALL_INTERVAL": "often"], "LANDFALL_INTERVAL"),
            (["CERTBOT_SERVER": "http://ca.example/dir"], "CERTBOT_SERVER"), (["LANDFALL_IP": "here"], "LANDFALL_IP"),
            (["SLACK_CHANNEL": ""], "SLACK_CHANNEL"), (["LANDFALL_STATE_DIR": "state"], "LANDFALL_STATE_DIR"),
            (["CLOUDFLARE_API_TOKEN": "", "CLOUDFLARE_EMAIL": "me@example.test"], "CLOUDFLARE_TOKEN"),
            (["LANDFALL_CA_FILE": "/nowhere.pem"], "LANDFALL_CA_FILE"),
            (["CLOUDFLARE_API_TOKEN": "one\nX-Auth-Email: two"], "CLOUDFLARE_API_TOKEN"),
            (["SLACK_TOKEN": "\"xoxb-1\""], "SLACK_TOKEN"), (["LANDFALL_INSTANCE": "\t"], "LANDFALL_INSTANCE"),
        ])
        func `a wrong configuration is one clear line, and nothing is touched`(
            changes: [String: String],
            variable: String
        ) async throws {
            try await SandboxFixture.use { fixture in
                for command in ["run", "once", "plan", "check"] {
                    let result = try await fixture.command(command, changes: changes)
                    #expect(result.end == .exited(2))
                    #expect(result.outputText.isEmpty)
                    let lines = result.errorText.split(separator: "\n")
                    #expect(lines.count == 1 && lines.first?.contains(variable) == true)
                }
                try await fixture.expectUntouched()
            }
        }

        @Test func `check says that all is well`() async throws {
            try await SandboxFixture.use { fixture in
                let result = try await fixture.command("check")
                #expect(result.end == .exited(0), "\(result.outputText)")
                let lines = result.outputText.split(separator: "\n")
                #expect(!lines.contains { $0.hasPrefix("✗") })
                #expect(lines.contains { $0.hasPrefix("✓ resolvers: ") })
                #expect(lines.contains { $0.contains(" zone example.test: ") })
                #expect(lines.contains { $0.hasPrefix("✓ writing to Cloudflare: allowed in ") })
                let address = "public address: \(AddressSettings().ipv4), by 127."
                #expect(lines.contains { $0.contains(address) && $0.contains(" and 127.") })
                #expect(!Disk.exists(fixture.state))
                #expect(try await fixture.writes().isEmpty)
            }
        }

        @Test func `check says what is not well, and all the rest`() async throws {
            try await SandboxFixture.use { fixture in
                let result = try await fixture.command(
                    "check",
                    changes: [
                        "CLOUDFLARE_API_TOKEN": "not-the-token", "CERTBOT_SERVER": "https://127.0.0.1:9/dir",
                        "DOCKER_HOST": "unix:///nowhere/docker.sock",
                    ]
                )
                #expect(result.end == .exited(1))
                let failed = result.outputText.split(separator: "\n").filter { $0.hasPrefix("✗") }
                #expect(failed.count == 3)
                #expect(failed.contains { $0.contains("start Docker") })
                let fixes = result.outputText.split(separator: "\n").filter { $0.hasPrefix("  → ") }
                #expect(
                    fixes.contains { $0.contains("dash.cloudflare.com") }
                        && fixes.contains { $0.contains("CERTBOT_SERVER") }
                )
            }
        }

        @Test func `a second daemon on one state folder is refused`() async throws {
            try await SandboxFixture.use { fixture in
                let first = try await fixture.start()
                let second = try await fixture.launch()
                #expect(try await second.ended() == .exited(1))
                #expect(first.isRunning)
            }
        }

        @Test func `once asks the running daemon`() async throws {
            try await SandboxFixture.use { fixture in
                try await fixture.start([
                    "LANDFALL_CERTIFICATES": "off", "LANDFALL_QUIET": "1h", "LANDFALL_MAX_WAIT": "1h",
                ])
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                // Who has no engine must ask somebody who has.
                let away = ["DOCKER_HOST": "unix:///nowhere/docker.sock"]
                let result = try await fixture.command("once", changes: away)
                #expect(result.end == .exited(0) && result.outputText.contains(host))
                try await fixture.awaitAddress(of: host)
                let plan = try await fixture.command("plan", changes: ["LANDFALL_CERTIFICATES": "off"])
                #expect(plan.outputText.contains("Nothing to do."))
            }
        }
    }

    /// What no engine of the world can be: old, a worker, or somebody else's.
    @Suite struct OddEngineTests {
        private static let worker = #"{"Swarm": {"LocalNodeState": "active", "ControlAvailable": false}}"#

        @Test func `a worker cannot see services, and says so`() async throws {
            let engine = try StubEngine { _ in .reply(200, Self.worker) }
            try await expect(engine, toBeCalled: "run Landfall on a manager")
        }

        @Test func `an engine that is too old is refused`() async throws {
            let engine = try StubEngine(version: "1.40") { _ in .reply(200, Self.worker) }
            try await expect(engine, toBeCalled: "upgrade Docker")
        }

        @Test func `a page in place of an engine is recognised`() async throws {
            let engine = try StubEngine { _ in .reply(502, "<html><h1>Bad Gateway</h1></html>", type: "text/html") }
            try await expect(engine, toBeCalled: "an HTML page")
        }

        @Test func `a socket that may not be used is told so`() async throws {
            let engine = try StubEngine { _ in .reply(200, Self.worker) }
            unsafe chown(engine.socketPath, 65534, 65534)
            unsafe chmod(engine.socketPath, 0o600)
            // Root without its right to overrule permissions, which is all that a container may have.
            let humble = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
            try await expect(engine, toBeCalled: "the group that owns the socket", by: humble)
        }

        private func expect(_ engine: StubEngine, toBeCalled name: String, by before: [String] = []) async throws {
            try await SandboxFixture.use { fixture in
                let there = ["DOCKER_HOST": "unix://\(engine.socketPath)"]
                let once = try await fixture.command("once", changes: there, by: before)
                #expect(once.end == .exited(1))
                #expect(once.outputText.contains(name))
                let check = try await fixture.command("check", changes: there, by: before)
                #expect(check.outputText.contains("Docker"))
                #expect(try await fixture.writes().isEmpty)
                #expect(try await fixture.messages(about: name).count == 1)
            }
            engine.stop()
        }
    }
}

extension SandboxFixture {
    fileprivate func expectUntouched() async throws {
        #expect(Disk.names(in: folder).isEmpty)
        for name in [.cloudflare, .address, .slack] as [EmulatorName] {
            #expect(try await emulators.requests(of: name).isEmpty)
        }
    }
}
