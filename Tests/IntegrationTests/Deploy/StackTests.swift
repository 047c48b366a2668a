import Glibc
import Model
import Sandbox
import TestSupport
import Testing

/// The image, and the stack and compose files that deploy it.
@Suite(
    .serialized,
    .enabled(if: SandboxAccess.current != nil, "needs the sandbox: `make test`"),
    .enabled(
        if: TestScale.isFull && PackageMirror.standard.isThere && Disk.exists(Checkout.binary),
        Comment(rawValue: PackageMirror.reason)
    ),
    .limited(minutes: 20)
)
struct StackTests {
    @Test func `the image, as a Swarm service of the stack file, does the whole job on three nodes`() async throws {
        var options = SandboxOptions.exact
        options.nodes = 3
        try await SandboxAccess.useOwn(options) { access in
            try await SandboxFixture.use(in: access) { fixture in
                let stack = DeployedStack(fixture)
                try await stack.takeImage(try await BuiltImage.built(), onNodes: 1...3)
                try await stack.deploy()
                let container = try await stack.container()
                try await expectLeastRights(stack, container)
                let doors = try await stack.doors(into: container)
                try await expectWorld(stack, container, fixture)
                let proxies = try await fixture.createGlobalReceiver()
                try await deploySites(fixture)
                try await stack.explaining { try await expectSites(fixture, proxies) }
                try await eventually("the health that the image's own check tells", within: .seconds(60)) {
                    try await stack.inspect(container).State.Health?.Status == "healthy"
                }
                doors.forEach { $0.close() }
                try await replace(stack, container, fixture, proxies)
            }
        }
    }

    @Test func `the image is small, numeric, told apart by its labels, and knows its health`() async throws {
        let image = try await BuiltImage.built().facts
        #expect(image.Size <= 180_000_000)
        #expect(image.Config.User == "5263:5263")
        #expect(image.Config.StopSignal == "SIGTERM")
        #expect(image.Config.Healthcheck.Test == ["CMD", "landfall", "health"])
        #expect(image.Config.Entrypoint == ["landfall"])
        #expect(image.Config.Labels["org.opencontainers.image.revision"] == "tested")
        #expect(image.Architecture == "amd64" || image.Architecture == "arm64")
        let told = ["title", "description", "licenses", "version", "created", "base.name"]
        #expect(told.allSatisfy { image.Config.Labels["org.opencontainers.image.\($0)"]?.isEmpty == false })
    }

    @Test func `the image carries lexicon if that is asked for, and it runs there`() async throws {
        try await SandboxAccess.useOwn(SandboxOptions()) { access in
            let (folder, name) = (try TemporaryFolder(), "landfall-lexicon")
            try await PackageMirror.standard.buildLandfall(
                name,
                on: access.sandbox,
                checkout: Checkout.top,
                scratch: folder.path,
                arguments: ["LEXICON=yes"]
            )
            let run = [
                "run", "--rm", "--read-only", "--cap-drop", "ALL", "--network", "none", "--entrypoint", "lexicon", name,
            ]
            let help = try await access.sandbox.docker(run + ["hetzner", "--help"])
            #expect(help.contains("--auth-token"))
            #expect(try await access.sandbox.docker(run + ["--version"]).contains("3.25"))
        }
    }

    @Test func `a Swarm with a proxy before the socket gets records and certificates, and no signals`() async throws {
        try await SandboxAccess.useOwn(.exact) { access in
            try await SandboxFixture.use(in: access) { fixture in
                let stack = DeployedStack(fixture)
                try await stack.takeImage(try await BuiltImage.built())
                try await access.sandbox.makeImage(SocketProxy.image)
                try await stack.deploy("stack.socket-proxy.yml", ["SOCKET_PROXY_IMAGE": SocketProxy.image.name])
                let receiver = try await fixture.createReceiver()
                let doors = try await expectCertificate(stack, fixture) {
                    try await fixture.createService("web", ["landfall.host": $0])
                }
                #expect(receiver.signals == 0)
                doors.forEach { $0.close() }
            }
        }
    }

    @Test(.enabled(if: Disk.exists("/usr/bin/docker-compose"), "needs Debian's docker-compose"))
    func `a plain engine gets all of it by the compose file`() async throws {
        try await composed("compose.yaml") { fixture, receiver in
            try await eventually("the signal") { receiver.signals == 1 }
            try await fixture.awaitMessage(about: SandboxFixture.zone)
        }
    }

    @Test(.enabled(if: Disk.exists("/usr/bin/docker-compose"), "needs Debian's docker-compose"))
    func `a plain engine with a proxy before the socket gets records and certificates`() async throws {
        try await composed("compose.socket-proxy.yaml") { _, receiver in #expect(receiver.signals == 0) }
    }

    private func composed(_ file: String, _ expect: (SandboxFixture, SignalReceiver) async throws -> Void) async throws
    {
        var options = SandboxOptions.exact
        options.isSwarm = false
        try await SandboxAccess.useOwn(options) { access in
            try await SandboxFixture.use(in: access) { fixture in
                let stack = DeployedStack(fixture)
                try await stack.takeImage(try await BuiltImage.built())
                try await access.sandbox.makeImage(SocketProxy.image)
                try await stack.compose(file, ["SOCKET_PROXY_IMAGE": SocketProxy.image.name])
                let receiver = try await fixture.runReceiver()
                let doors = try await expectCertificate(stack, fixture) {
                    try await fixture.runContainer("web", ["landfall.host": $0])
                }
                let key = "/etc/letsencrypt/live/\(fixture.host("web"))/privkey.pem"
                try await eventually("the key's group") {
                    let container = try await stack.container()
                    return try await stack.execute("stat", "-L", "-c", "%g %a", key, in: container) == "101 640\n"
                }
                try await expect(fixture, receiver)
                doors.forEach { $0.close() }
            }
        }
    }

    /// A host gets its record and its certificate, from inside of the container.
    /// - Returns: that container's ways out, which are open as yet.
    private func expectCertificate(
        _ stack: DeployedStack,
        _ fixture: SandboxFixture,
        deploy: (String) async throws -> String
    ) async throws -> [Door] {
        let container = try await stack.container()
        let doors = try await stack.doors(into: container)
        #expect(try await stack.inspect(container).HostConfig.ReadonlyRootfs)
        try await stack.explaining {
            _ = try await stack.execute("landfall", "once", in: container)
            let host = fixture.host("web")
            _ = try await deploy(host)
            try await fixture.awaitAddress(of: host)
            try await eventually("the certificate", within: .seconds(60)) {
                try await stack.execute("cat", "/etc/letsencrypt/live/\(host)/cert.pem", in: container).contains(
                    "BEGIN"
                )
            }
        }
        return doors
    }

    private func expectLeastRights(_ stack: DeployedStack, _ container: String) async throws {
        let facts = try await stack.inspect(container)
        #expect(facts.HostConfig.ReadonlyRootfs)
        #expect(facts.HostConfig.CapDrop == ["ALL"])
        #expect(facts.HostConfig.Init == true)
        #expect(facts.HostConfig.Memory == 512 << 20)
        let status = try await stack.execute("cat", "/proc/1/status", in: container)
        #expect(status.contains("CapEff:\t0000000000000000") && status.contains("CapBnd:\t0000000000000000"))
        #expect(status.contains("Uid:\t5263\t5263\t5263\t5263"))
        let setuid = try await stack.execute(
            "find",
            "/usr",
            "/opt",
            "-xdev",
            "-type",
            "f",
            "-perm",
            "/6000",
            in: container
        )
        #expect(setuid.isEmpty)
        #expect(try await stack.execute("sh", "-c", "touch /x 2>&1 || :", in: container).contains("Read-only"))
        #expect(try await stack.execute("landfall", "health", in: container) == "healthy\n")
        let plugins = try await stack.execute("sh", "-c", Self.plugins, in: container)
        #expect(plugins.contains("* dns-cloudflare"))
        #expect(try await stack.execute("certbot", "--version", in: container).hasPrefix("certbot 5."))
    }

    /// All that it depends on answers; and the first message, a summary, could be said.
    private func expectWorld(_ stack: DeployedStack, _ container: String, _ fixture: SandboxFixture) async throws {
        let check = try await stack.execute("landfall", "check", in: container)
        for part in ["Docker: Swarm manager", "Cloudflare", "public address", "ACME", "certbot: certbot 5."] {
            #expect(check.contains(part))
        }
        _ = try await stack.execute("landfall", "once", in: container)
        try await fixture.awaitMessage(about: "watches")
    }

    private static let plugins = "certbot plugins --init --config-dir /tmp/c --work-dir /tmp/w --logs-dir /tmp/l"

    /// The example's proxy and its two sites, beside Landfall's own certificates.
    private func deploySites(_ fixture: SandboxFixture) async throws {
        try await fixture.access.sandbox.docker(
            ["stack", "deploy", "--resolve-image", "never", "--compose-file"]
                + ["\(Checkout.top)/deploy/examples/nginx/stack.yml", "web"],
            environment: ["NGINX_IMAGE": ImageRecipe.nginx.name, "HELLO_IMAGE": ImageRecipe.busybox.name]
        )
    }

    private func expectSites(_ fixture: SandboxFixture, _ proxies: [SignalReceiver]) async throws {
        for (host, words) in [("hello", "given a label"), ("blog", "second site")] {
            try await eventually("https://\(host).\(SandboxFixture.zone)", within: .seconds(120)) {
                try await fixture.access.sandbox.fetch(host: "\(host).\(SandboxFixture.zone)").contains(words)
            }
        }
        try await eventually("the signals on every node", within: .seconds(60)) {
            proxies.allSatisfy { $0.signals > 0 }
        }
        try await fixture.awaitMessage(about: "hello.\(SandboxFixture.zone)")
        try await eventually("that no helper is left") { try await fixture.helpers().isEmpty }
    }

    /// A new task takes over where the one before it ended.
    private func replace(
        _ stack: DeployedStack,
        _ container: String,
        _ fixture: SandboxFixture,
        _ proxies: [SignalReceiver]
    ) async throws {
        let (signals, orders) = (proxies.map(\.signals), try await fixture.writes().count)
        try await fixture.docker("service", "update", "--detach", "--force", DeployedStack.service)
        let next = try await stack.container(after: [container])
        #expect(try await stack.inspect(container).State.Status == "exited")
        #expect(try await stack.inspect(container).State.ExitCode == 0)
        let doors = try await stack.doors(into: next)
        #expect(try await stack.execute("landfall", "once", in: next).contains("hello.\(SandboxFixture.zone)"))
        #expect(proxies.map(\.signals) == signals)
        #expect(try await fixture.writes().count == orders)
        doors.forEach { $0.close() }
    }
}
