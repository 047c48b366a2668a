import Emulators
import Glibc
import Sandbox
import Testing

extension IntegrationTests {
    /// The scenarios of `Fixtures/recordings`, played and recorded anew.
    @Suite(.enabled(if: Studio.folder != nil, "records fixtures: `make fixtures`"))
    struct RecordingTests {
        @Test func `first deployment`() async throws {
            try await Studio.record("first-deployment") { scene in
                _ = try await scene.createListener()
            } _: { scene, _ in
                try await scene.createService("web", ["landfall.host": scene.host("web")], replicas: 1)
                try await scene.awaitMessage(about: scene.host("web"))
            }
        }

        @Test func `stack of five`() async throws {
            try await Studio.record("stack-of-five") { scene, _ in
                try await scene.deployStack(Self.five)
                try await scene.awaitMessage(about: scene.host("wiki"))
            }
        }

        /// Nothing happens to them; a day of that is what `make bench` replays.
        @Test func `fifty hosts`() async throws {
            try await Studio.record("fifty-hosts", ["LANDFALL_INTERVAL": "10s"]) { scene in
                for number in 1...10 {
                    let hosts = Self.five.map { scene.host("\($0)-\(number)") }
                    try await scene.createService("web-\(number)", ["landfall.host": hosts.joined(separator: ",")])
                }
                try await scene.settle()
            } _: { scene, _ in
                try await until("two more runs", limit: .seconds(60)) {
                    scene.recording.ranges(of: #""ended":{"report""#).count >= 3
                }
            }
        }

        @Test func `redeploy without change`() async throws {
            try await Studio.record("redeploy-without-change") { scene in
                try await scene.deployStack(Self.five)
                try await scene.settle()
            } _: { scene, _ in
                try await scene.deployStack(Self.five)
            }
        }

        @Test func `image update`() async throws {
            try await Studio.record("image-update") { scene in
                try await scene.docker("tag", ImageRecipe.busybox.name, "\(ImageRecipe.busybox.name):next")
                try await scene.createService("web", ["landfall.host": scene.host("web")], replicas: 1)
                try await scene.settle()
            } _: { scene, _ in
                let image = "\(ImageRecipe.busybox.name):next"
                try await scene.docker("service", "update", "--no-resolve-image", "--image", image, "web-image-update")
            }
        }

        @Test func `rollback`() async throws {
            try await Studio.record("rollback") { scene in
                try await scene.createService("web", ["landfall.host": scene.host("web")])
                try await scene.settle()
            } _: { scene, _ in
                try await scene.updateLabel("landfall.host", to: scene.host("wbe"), of: "web-rollback")
                try await scene.awaitMessage(about: scene.host("wbe"))
                try await scene.docker("service", "rollback", "--detach", "web-rollback")
            }
        }

        @Test func `removal`() async throws {
            try await Studio.record("removal") { scene in
                try await scene.createService("web", ["landfall.host": scene.host("web")], replicas: 1)
                try await scene.settle()
            } _: { scene, _ in
                try await scene.removeService("web-removal")
            }
        }

        @Test func `address change`() async throws {
            try await Studio.record("address-change", ["LANDFALL_INTERVAL": "15s"]) { scene in
                let hosts = [scene.host("web"), scene.host("shop")].joined(separator: ",")
                try await scene.createService("web", ["landfall.host": hosts])
                try await scene.settle()
            } _: { scene, _ in
                try await scene.emulators.set(AddressSettings(ipv4: "85.214.132.118"))
                try await scene.awaitMessage(about: "85.214.132.118")
            }
        }

        @Test func `renewal`() async throws {
            var options = SandboxOptions()
            (options.certificateValidity, options.nonceRejections) = (.seconds(60), 0)
            try await SandboxAccess.own(options) { world in
                try await Studio.record("renewal", in: world, ["LANDFALL_INTERVAL": "20s"]) { scene in
                    _ = try await scene.createListener()
                    try await scene.createService("web", ["landfall.host": scene.host("web")])
                    try await scene.settle()
                } _: { scene, _ in
                    let first = scene.certificate(scene.host("web"))
                    try await until("the renewal", limit: .seconds(60)) {
                        scene.certificate(scene.host("web")) != first
                    }
                }
            }
        }

        @Test func `certbot failure`() async throws {
            try await Studio.record("certbot-failure") { scene, landfall in
                let forbidden = "shop.\(SandboxOptions.forbiddenDomain)"
                try await scene.createService("web", ["landfall.host": scene.host("web")])
                try await scene.createService("shop", ["landfall.host": forbidden])
                try await scene.awaitMessage(about: forbidden)
                landfall.signal(SIGHUP)
            }
        }

        @Test func `engine restart`() async throws {
            try await Studio.record("engine-restart") { scene in
                try await scene.createService("web", ["landfall.host": scene.host("web")], replicas: 1)
                try await scene.settle()
            } _: { scene, _ in
                try await scene.world.sandbox.killEngine()
                try await until("the engine") { try await !scene.docker("node", "ls", "--quiet").isEmpty }
                try await scene.createService("late", ["landfall.host": scene.host("late")])
                try await scene.awaitMessage(about: scene.host("late"))
            }
        }

        @Test func `hung engine`() async throws {
            try await Studio.record("hung-engine") { scene in
                try await scene.createService("web", ["landfall.host": scene.host("web")])
                try await scene.settle()
            } _: { scene, _ in
                try await scene.world.sandbox.stopEngine()
                try await until("the loss of the events", limit: .seconds(60)) {
                    Disk.text(scene.log)?.contains("lost the Docker engine's events") == true
                }
                try scene.world.sandbox.resumeEngine()
                try await scene.createService("late", ["landfall.host": scene.host("late")])
                try await scene.awaitMessage(about: scene.host("late"))
            }
        }

        @Test func `rate limit`() async throws {
            let settings = ["LANDFALL_INTERVAL": "15s", "LANDFALL_CERTIFICATES": "off"]
            try await Studio.record("rate-limit", settings) { scene, _ in
                // A run lists the zones, reads one, and writes.
                let rate = CloudflareRate(requests: 2, seconds: 8)
                try await scene.emulators.set(CloudflareSettings(rate: rate))
                let hosts = [scene.host("web"), scene.host("shop"), scene.host("blog")]
                try await scene.createService("web", ["landfall.host": hosts.joined(separator: ",")])
                try await scene.awaitMessage(about: "429")
                try await scene.emulators.set(CloudflareSettings())
                try await scene.awaitMessage(about: "✓")
            }
        }

        @Test func `two zones`() async throws {
            try await Studio.record("two-zones") { scene, _ in
                let hosts = [scene.host("web"), "web.example.net", "web.example.org"]
                try await scene.createService("web", ["landfall.host": hosts.joined(separator: ",")])
                try await scene.awaitMessage(about: "web.example.net")
            }
        }

        @Test func `shared and wildcard`() async throws {
            try await Studio.record("shared-and-wildcard") { scene, _ in
                let pair = "\(scene.host("web")),\(scene.host("www"))"
                try await scene.createService("web", ["landfall.host": pair, "landfall.certificate": "shared"])
                let wildcard = ["landfall.host": scene.host("shop"), "landfall.certificate": "wildcard"]
                try await scene.createService("shop", wildcard)
                try await scene.awaitMessage(about: scene.host("shop"))
            }
        }

        @Test func `wrong labels`() async throws {
            try await Studio.record("wrong-labels") { scene, _ in
                let labels = ["landfall.host": "not_a_host!,\(scene.host("web"))", "landfall.signal": "HUP"]
                try await scene.createService("web", labels)
                try await scene.awaitMessage(about: scene.host("web"))
            }
        }

        @Test func `asked by hand`() async throws {
            try await Studio.record("asked-by-hand") { scene in
                try await scene.createService("web", ["landfall.host": scene.host("web")])
                try await scene.settle()
            } _: { scene, landfall in
                landfall.signal(SIGHUP)
                try await scene.runOnce()
            }
        }

        @Test func `stopped in a run`() async throws {
            try await Studio.record("stopped-in-a-run", endsAtRest: false) { scene, _ in
                try await scene.createService("web", ["landfall.host": scene.host("web")])
                try await until("a certbot at work") { !scene.certbots.isEmpty }
            }
        }

        @Test func `plain engine`() async throws {
            try await SandboxAccess.own(Self.plain) { world in
                try await Studio.record("plain-engine", in: world) { scene in
                    _ = try await scene.runListener()
                } _: { scene, _ in
                    let compose = ["com.docker.compose.project": "shop", "com.docker.compose.service": "web"]
                    let labels = compose.merging(["landfall.host": scene.host("web")]) { $1 }
                    let name = try await scene.runContainer("web", labels)
                    try await scene.awaitMessage(about: scene.host("web"))
                    try await scene.docker("restart", "--time", "0", name)
                    try await scene.docker("stop", "--time", "0", name)
                }
            }
        }

        @Test func `flapping container`() async throws {
            try await SandboxAccess.own(Self.plain) { world in
                try await Studio.record("flapping-container", in: world) { scene in
                    try await scene.runCrashing("web", ["landfall.host": scene.host("web")])
                    try await scene.settle()
                } _: { scene, _ in
                    try await until("six ends", limit: .seconds(90)) {
                        scene.recording.ranges(of: #"\"Action\":\"die\""#).count >= 6
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
