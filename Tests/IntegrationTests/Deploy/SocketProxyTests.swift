import Emulators
import Model
import Ports
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    /// What docs/security.md says of docker-socket-proxy's flags, with a HAProxy that follows the same rules: a path is let
    /// through when its flag is set, and nothing but GET unless POST is.
    @Suite(.enabled(if: Disk.exists("/usr/sbin/haproxy"), "needs Debian's haproxy"))
    struct SocketProxyTests {
        @Test func `without POST, records and certificates are made, and nothing is signalled`() async throws {
            try await SandboxFixture.use { fixture in
                let receiver = try await fixture.createReceiver()
                let host = fixture.host("web")
                try await fixture.createService("web", ["landfall.host": host])
                let flags = try SocketProxy.flags(of: "stack.socket-proxy.yml")
                try await fixture.behindProxy(flags) { engine in
                    let once = try await fixture.command(
                        "once",
                        changes: [engine, ("LANDFALL_SIGNALS", "off")].dictionary
                    )
                    #expect(once.end == .exited(0), "\(once.outputText)")
                    #expect(fixture.certificate(host) != nil)
                    try await fixture.awaitAddress(of: host)
                    #expect(receiver.signals == 0)

                    try await fixture.createService("other", ["landfall.host": fixture.host("other")])
                    let eager = try await fixture.command("once", changes: [engine].dictionary)
                    #expect(eager.end == .exited(1))
                    #expect(eager.outputText.contains("403"))
                    #expect(receiver.signals == 0)
                }
            }
        }

        @Test func `with POST, containers are signalled too`() async throws {
            try await SandboxFixture.use { fixture in
                let receiver = try await fixture.createReceiver()
                try await fixture.settle()
                try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                let flags = try SocketProxy.flags(of: "stack.socket-proxy.yml")
                try await fixture.behindProxy(flags.union(["POST"])) { engine in
                    let once = try await fixture.command("once", changes: [engine].dictionary)
                    #expect(once.end == .exited(0), "\(once.outputText)")
                    try await eventually("the signal") { receiver.signals == 1 }
                }
            }
        }

        @Test func `with rules for methods and paths, containers are signalled, and none can be created`() async throws
        {
            try await SandboxFixture.use { fixture in
                let receiver = try await fixture.createReceiver()
                try await fixture.settle()
                try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                let socket = fixture.access.sandbox.folder.engineSocket
                let file = "stack.socket-rules.yml"
                let rules = try SocketProxy.rules(of: file, address: fixture.proxyAddress, socket: socket)
                try await fixture.behindProxy(configuredBy: rules) { engine in
                    let variables = [engine, ("LANDFALL_CROSS_NODE", "off")].dictionary
                    let check = try await fixture.command("check", changes: variables)
                    #expect(check.outputText.contains("✓ engine calls: "), "\(check.outputText)")
                    let once = try await fixture.command("once", changes: variables)
                    #expect(once.end == .exited(0), "\(once.outputText)")
                    try await eventually("the signal") { receiver.signals == 1 }
                    let made = try await Checkout.run([
                        "docker", "--host", engine.1, "create", "--volume", "/:/node", ImageRecipe.busybox.name,
                    ])
                    #expect(made.end != .exited(0) && made.errorText.contains("403"), "\(made.errorText)")
                }
            }
        }

        @Test(arguments: ["INFO", "SERVICES", "CONTAINERS"])
        func `every flag of the stack file is needed`(flag: String) async throws {
            try await SandboxFixture.use { fixture in
                _ = try await fixture.createReceiver()
                try await fixture.createService("web", ["landfall.host": fixture.host("web")])
                let flags = try SocketProxy.flags(of: "stack.socket-proxy.yml")
                #expect(flags.contains(flag))
                try await fixture.behindProxy(flags.subtracting([flag]).union(["POST"])) { engine in
                    let once = try await fixture.command("once", changes: [engine].dictionary)
                    #expect(once.end == .exited(1), "\(once.outputText)")
                }
            }
        }
    }
}

/// A HAProxy that stands in for docker-socket-proxy: it follows the rules that docker-socket-proxy's users are told.
enum SocketProxy {
    /// Those that are on where nobody says otherwise.
    private static let standard: Set = ["EVENTS", "PING", "VERSION"]
    private static let flags = [
        "CONTAINERS", "EVENTS", "EXEC", "IMAGES", "INFO", "NODES", "PING", "SECRETS", "SERVICES", "SWARM", "TASKS",
        "VERSION", "VOLUMES",
    ]

    static let image = ImageRecipe.haproxy(
        name: "landfall-test/socket-proxy",
        configuration: configuration(address: ":2375", socket: "/var/run/docker.sock"),
        changes: standard.sorted().map { "ENV \($0)=1" }
    )

    /// What a file under `deploy/` sets to 1.
    static func flags(of file: String) throws -> Set<String> {
        let text = try #require(Disk.text("\(Checkout.top)/deploy/\(file)"))
        return standard.union(
            text.split(separator: "\n").map(\.trimmed).filter { $0.hasSuffix(": 1") && $0 == $0.uppercased() }
                .map { String($0.dropLast(3)) }
        )
    }

    /// The rules of a file under `deploy/` for a proxy that has them for each method and path.
    static func rules(of file: String, address: String, socket: String) throws -> String {
        let text = try #require(Disk.text("\(Checkout.top)/deploy/\(file)"))
        let rules = text.matches(of: /- -allow([A-Z]+)=(.+)/).map { rule in
            "    http-request allow if { method \(rule.1) } { path -m reg '^\(rule.2)$' }"
        }
        return configuration(address: address, socket: socket, rules: rules)
    }

    static func configuration(address: String, socket: String) -> String {
        let sections = flags.map { flag in
            let name = flag == "PING" ? "_ping" : flag.lowercased()
            return "    http-request allow if { var(txn.section) -m str \(name) } { env(\(flag)) -m str 1 }"
        }
        let common = [
            "    # What follows the API's version.",
            "    http-request set-var(txn.section) path,regsub(^/v[0-9.]+,),field(2,/)",
            "    http-request deny if !{ method GET HEAD } !{ env(POST) -m str 1 }",
        ]
        return configuration(address: address, socket: socket, rules: common + sections)
    }

    private static func configuration(address: String, socket: String, rules: [String]) -> String {
        """
        defaults
            mode http
            timeout connect 5s
            timeout client 10m
            timeout server 10m
        frontend proxy
            bind \(address)
        \(rules.joined(separator: "\n"))
            http-request deny
            default_backend engine
        backend engine
            server engine \(socket)

        """
    }
}

extension SandboxFixture {
    /// Runs something while a proxy stands before the engine.
    /// - Parameter body: gets the variable that leads to it.
    fileprivate func behindProxy(_ flags: Set<String>, _ body: ((String, String)) async throws -> Void) async throws {
        let socket = access.sandbox.folder.engineSocket
        try await behindProxy(
            configuredBy: SocketProxy.configuration(address: proxyAddress, socket: socket),
            Dictionary(uniqueKeysWithValues: flags.map { ($0, "1") }),
            body
        )
    }

    fileprivate var proxyAddress: String { "\(access.variables["LANDFALL_SANDBOX_ADDRESS"] ?? ""):2375" }

    fileprivate func behindProxy(
        configuredBy text: String,
        _ variables: [String: String] = [:],
        _ body: ((String, String)) async throws -> Void
    ) async throws {
        let (address, file) = (proxyAddress, "\(folder)/proxy.cfg")
        try Disk.write(text, to: file)
        let proxy = Task { try await Checkout.run(["haproxy", "-db", "-f", file], environment: variables) }
        try await eventually("the proxy's first answer") {
            try await Checkout.run(["curl", "--silent", "--fail", "http://\(address)/_ping"]).end == .exited(0)
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(("DOCKER_HOST", "tcp://\(address)"))) } catch { result = .failure(error) }
        proxy.cancel()
        _ = await proxy.result
        try result.get()
    }
}

extension [(String, String)] {
    fileprivate var dictionary: [String: String] { Dictionary(self) { $1 } }
}
