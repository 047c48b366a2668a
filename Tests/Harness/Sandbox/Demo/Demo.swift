import Model
import Polling
import Ports

/// Shows the whole way: deploys a stack, and observes from outside what Landfall makes of its label.
package struct Demo: Sendable {
    private static let host = "hello.example.test"
    private static let stack = "web"

    private let sandbox: Sandbox
    private let environment: SandboxEnvironment
    private let landfall: String
    private let example: String
    private let output = DemoOutput()

    /// - Parameters:
    ///   - environment: the variables of the sandbox, which is up.
    ///   - landfall: the program.
    ///   - example: the folder with `stack.yml`.
    package init(_ sandbox: Sandbox, _ environment: SandboxEnvironment, landfall: String, example: String) {
        (self.sandbox, self.environment) = (sandbox, environment)
        (self.landfall, self.example) = (landfall, example)
    }

    package func run() async throws {
        let daemon = Service(
            name: "landfall",
            arguments: [landfall, "run"],
            environment: environment.values.merging(["LANDFALL_LOG": "text"]) { $1 },
            log: sandbox.folder.log("landfall"),
            grace: .seconds(10)
        )
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await sandbox.programs.serve(daemon) }
                group.addTask { try await show() }
                try await group.next()
                group.cancelAll()
            }
        } catch  where !Task.isCancelled {
            output.line("\nLandfall's last log lines:")
            let log = TextFile.read(daemon.log) ?? ""
            show(lines: log.split(separator: "\n").suffix(15).joined(separator: "\n"))
            throw error
        }
    }

    private func show() async throws {
        output.line("\n$ landfall run &")
        try await Poller(clock: sandbox.clock).wait(for: "landfall's first answer", within: .seconds(30)) {
            await sandbox.programs.succeeds(["test", "-S", "\(sandbox.folder.state)/landfall.sock"])
        }
        let file = "\(example)/stack.yml"
        output.line("$ docker stack deploy -c \(file) \(Self.stack)")
        let start = sandbox.clock.uptime
        try await sandbox.docker(
            ["stack", "deploy", "--resolve-image", "never", "--compose-file", file, Self.stack],
            environment: [
                "NGINX_IMAGE": ImageRecipe.nginx.name, "HELLO_IMAGE": ImageRecipe.busybox.name,
                "CERTBOT_CONFIG_DIR": sandbox.folder.certificates, "PROXY_CONSTRAINT": "node.role == manager",
            ]
        )
        let findings = Findings()
        let rows = sandbox.milestones(for: Self.host, proxy: "\(Self.stack)_proxy", findings: findings)
        try await MilestoneWatcher(rows: rows, since: start, clock: sandbox.clock, output: output).run()
        output.line("\n$ curl https://\(Self.host)")
        show(lines: findings.page)
        output.line("\nSlack, #\(environment["SLACK_CHANNEL"] ?? "")")
        show(lines: findings.message)
    }

    private func show(lines text: String) {
        for line in text.trimmed.split(separator: "\n") { output.line("  \(sanitized(line, limit: 200))") }
    }
}
