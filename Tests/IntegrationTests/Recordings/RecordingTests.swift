import Emulators
import Glibc
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    /// The scenarios of `Fixtures/recordings`, played and recorded anew.
    @Suite(.enabled(if: ScenarioRecorder.folder != nil, "records fixtures: `make fixtures`"))
    struct RecordingTests {
        @Test func `first deployment`() async throws {
            try await ScenarioRecorder.record("first-deployment") { fixture in
                _ = try await fixture.createReceiver()
            } _: { fixture, _ in
                try await fixture.createService("web", ["landfall.host": fixture.host("web")], replicas: 1)
                try await fixture.awaitMessage(about: fixture.host("web"))
            }
        }

        @Test func `stack of five`() async throws {
            try await ScenarioRecorder.record("stack-of-five") { fixture, _ in
                try await fixture.deployStack(Self.five)
                try await fixture.awaitMessage(about: fixture.host("wiki"))
            }
        }

        /// Nothing happens to them; a day of that is what `make bench` replays.
        @Test func `fifty hosts`() async throws {
            try await ScenarioRecorder.record("fifty-hosts", ["LANDFALL_INTERVAL": "10s"]) { fixture in
                for number in 1...10 {
                    let hosts = Self.five.map { fixture.host("\($0)-\(number)") }
                    try await fixture.createService("web-\(number)", ["landfall.host": hosts.joined(separator: ",")])
                }
                try await fixture.settle()
            } _: { fixture, _ in
                try await eventually("two more runs", within: .seconds(60)) {
                    fixture.recording.ranges(of: #""ended":{"report""#).count >= 3
                }
            }
        }

        @Test func `redeploy without change`() async throws {
            try await ScenarioRecorder.record("redeploy-without-change") { fixture in
                try await fixture.deployStack(Self.five)
                try await fixture.settle()
            } _: { fixture, _ in
                try await fixture.deployStack(Self.five)
            }
        }

        @Test func `image update`() async throws {
            try await ScenarioRecorder.record("image-update") { fixture in
                try await fixture.docker("tag", ImageRecipe.busybox.name, "\(ImageRecipe.busybox.name):next")
                try await fixture.createService("web", ["landfall.host": fixture.host("web")], replicas: 1)
                try await fixture.settle()
            } _: { fixture, _ in
                let image = "\(ImageRecipe.busybox.name):next"
                try await fixture.docker(
                    "service",
                    "update",
                    "--no-resolve-image",
                    "--image",
                    image,
                    "web-image-update"
                )
            }
        }

        @Test func `rollback`() async throws {
            try await ScenarioRecorder.record("rollback") { fixture in
                try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                try await fixture.settle()
            } _: { fixture, _ in
                try await fixture.updateLabel("landfall.host", to: fixture.host("wbe"), of: "web-rollback")
                try await fixture.awaitMessage(about: fixture.host("wbe"))
                try await fixture.docker("service", "rollback", "--detach", "web-rollback")
            }
        }

        @Test func `removal`() async throws {
            try await ScenarioRecorder.record("removal") { fixture in
                try await fixture.createService("web", ["landfall.host": fixture.host("web")], replicas: 1)
                try await fixture.settle()
            } _: { fixture, _ in
                try await fixture.removeService("web-removal")
            }
        }

        @Test func `address change`() async throws {
            try await ScenarioRecorder.record("address-change", ["LANDFALL_INTERVAL": "15s"]) { fixture in
                let hosts = [fixture.host("web"), fixture.host("shop")].joined(separator: ",")
                try await fixture.createService("web", ["landfall.host": hosts])
                try await fixture.settle()
            } _: { fixture, _ in
                try await fixture.emulators.set(AddressSettings(ipv4: "85.214.132.118"))
                try await fixture.awaitMessage(about: "85.214.132.118")
            }
        }

        @Test func `renewal`() async throws {
            var options = SandboxOptions()
            (options.certificateValidity, options.nonceRejections) = (.seconds(60), 0)
            try await SandboxAccess.useOwn(options) { access in
                try await ScenarioRecorder.record("renewal", in: access, ["LANDFALL_INTERVAL": "20s"]) { fixture in
                    _ = try await fixture.createReceiver()
                    try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                    try await fixture.settle()
                } _: { fixture, _ in
                    let first = fixture.certificate(fixture.host("web"))
                    try await eventually("the renewal", within: .seconds(60)) {
                        fixture.certificate(fixture.host("web")) != first
                    }
                }
            }
        }

        @Test func `certbot failure`() async throws {
            try await ScenarioRecorder.record("certbot-failure") { fixture, landfall in
                let forbidden = "shop.\(SandboxOptions.forbiddenDomain)"
                try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                try await fixture.createService("shop", ["landfall.host": forbidden])
                try await fixture.awaitMessage(about: forbidden)
                landfall.signal(SIGHUP)
            }
        }

        @Test func `engine restart`() async throws {
            try await ScenarioRecorder.record("engine-restart") { fixture in
                try await fixture.createService("web", ["landfall.host": fixture.host("web")], replicas: 1)
                try await fixture.settle()
            } _: { fixture, _ in
                try await fixture.access.sandbox.killEngine()
                try await eventually("the engine") { try await !fixture.docker("node", "ls", "--quiet").isEmpty }
                try await fixture.createService("late", ["landfall.host": fixture.host("late")])
                try await fixture.awaitMessage(about: fixture.host("late"))
            }
        }

        @Test func `hung engine`() async throws {
            try await ScenarioRecorder.record("hung-engine") { fixture in
                try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                try await fixture.settle()
            } _: { fixture, _ in
                try await fixture.access.sandbox.stopEngine()
                try await eventually("the loss of the events", within: .seconds(60)) {
                    Disk.text(fixture.log)?.contains("lost the Docker engine's events") == true
                }
                try fixture.access.sandbox.resumeEngine()
                try await fixture.createService("late", ["landfall.host": fixture.host("late")])
                try await fixture.awaitMessage(about: fixture.host("late"))
            }
        }

        @Test func `rate limit`() async throws {
            let settings = ["LANDFALL_INTERVAL": "15s", "LANDFALL_CERTIFICATES": "off"]
            try await ScenarioRecorder.record("rate-limit", settings) { fixture, _ in
                // A run lists the zones, reads one, and writes.
                let rate = CloudflareRate(requests: 2, seconds: 8)
                try await fixture.emulators.set(CloudflareSettings(rate: rate))
                let hosts = [fixture.host("web"), fixture.host("shop"), fixture.host("blog")]
                try await fixture.createService("web", ["landfall.host": hosts.joined(separator: ",")])
                try await fixture.awaitMessage(about: "429")
                try await fixture.emulators.set(CloudflareSettings())
                try await fixture.awaitMessage(about: "✓")
            }
        }

        @Test func `two zones`() async throws {
            try await ScenarioRecorder.record("two-zones", ["LANDFALL_QUALIFY": "dotted"]) { fixture, _ in
                let hosts = [fixture.host("web"), "web.example.net", "web.example.org"]
                try await fixture.createService("web", ["landfall.host": hosts.joined(separator: ",")])
                try await fixture.awaitMessage(about: "web.example.net")
            }
        }

        @Test func `two views`() async throws {
            let inside = try InsideServer(in: try #require(.current))
            try await inside.run {
                try await ScenarioRecorder.record("two-views", inside.variables("192.168.7.7")) { fixture, _ in
                    try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                    let own = ["landfall.host": fixture.host("nas"), "landfall.dns.internal": "192.168.7.8"]
                    try await fixture.createService("nas", own)
                    try await fixture.awaitMessage(about: fixture.host("web"))
                }
            }
        }

        @Test func `shared and wildcard`() async throws {
            try await ScenarioRecorder.record("shared-and-wildcard") { fixture, _ in
                let pair = "\(fixture.host("web")),\(fixture.host("www"))"
                try await fixture.createService("web", ["landfall.host": pair, "landfall.certificate": "shared"])
                let wildcard = ["landfall.host": fixture.host("shop"), "landfall.certificate": "wildcard"]
                try await fixture.createService("shop", wildcard)
                try await fixture.awaitMessage(about: fixture.host("shop"))
            }
        }

        @Test func `wrong labels`() async throws {
            try await ScenarioRecorder.record("wrong-labels") { fixture, _ in
                let labels = ["landfall.host": "not_a_host!,\(fixture.host("web"))", "landfall.signal": "HUP"]
                try await fixture.createService("web", labels)
                try await fixture.awaitMessage(about: fixture.host("web"))
            }
        }

        @Test func `asked by hand`() async throws {
            try await ScenarioRecorder.record("asked-by-hand") { fixture in
                try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                try await fixture.settle()
            } _: { fixture, landfall in
                landfall.signal(SIGHUP)
                try await fixture.runOnce()
            }
        }

        @Test func `stopped in a run`() async throws {
            try await ScenarioRecorder.record("stopped-in-a-run", endsAtRest: false) { fixture, _ in
                try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                try await eventually("a certbot at work") { !fixture.certbots.isEmpty }
            }
        }

        @Test func `plain engine`() async throws {
            try await SandboxAccess.useOwn(Self.plain) { access in
                try await ScenarioRecorder.record("plain-engine", in: access) { fixture in
                    _ = try await fixture.runReceiver()
                } _: { fixture, _ in
                    let compose = ["com.docker.compose.project": "shop", "com.docker.compose.service": "web"]
                    let labels = compose.merging(["landfall.host": fixture.host("web")]) { $1 }
                    let name = try await fixture.runContainer("web", labels)
                    try await fixture.awaitMessage(about: fixture.host("web"))
                    try await fixture.docker("restart", "--time", "0", name)
                    try await fixture.docker("stop", "--time", "0", name)
                }
            }
        }

        @Test func `flapping container`() async throws {
            try await SandboxAccess.useOwn(Self.plain) { access in
                try await ScenarioRecorder.record("flapping-container", in: access) { fixture in
                    try await fixture.runCrashing("web", ["landfall.host": fixture.host("web")])
                    try await fixture.settle()
                } _: { fixture, _ in
                    try await eventually("six ends", within: .seconds(90)) {
                        fixture.recording.ranges(of: #"\"Action\":\"die\""#).count >= 6
                    }
                }
            }
        }

        private static let plain = {
            var options = SandboxOptions()
            (options.isSwarm, options.nonceRejections) = (false, 0)
            return options
        }()

        private static let five = ["web", "shop", "blog", "mail", "wiki"]
    }
}
