import Model
import Synchronization
import Timing

/// The whole way before one's eyes: a stack is deployed, and what Landfall makes of its label is looked at from outside.
public struct Demo: Sendable {
    private static let host = "hello.example.test"
    private static let stack = "web"

    private let sandbox: Sandbox
    private let environment: SandboxEnvironment
    private let landfall: String
    private let example: String
    private let screen = Screen()

    /// - Parameters:
    ///   - environment: of the sandbox, which is up.
    ///   - landfall: the program.
    ///   - example: the folder with `stack.yml`.
    public init(_ sandbox: Sandbox, _ environment: SandboxEnvironment, landfall: String, example: String) {
        (self.sandbox, self.environment) = (sandbox, environment)
        (self.landfall, self.example) = (landfall, example)
    }

    public func run() async throws {
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
            screen.line("\nThe last that Landfall said:")
            let log = TextFile.read(daemon.log) ?? ""
            for line in log.split(separator: "\n").suffix(15) { screen.line("  \(oneLine(line, limit: 200))") }
            throw error
        }
    }

    private func show() async throws {
        let file = "\(example)/stack.yml"
        screen.line("\n$ docker stack deploy -c \(file) \(Self.stack)")
        let start = sandbox.clock.uptime
        try await sandbox.docker(
            ["stack", "deploy", "--resolve-image", "never", "--compose-file", file, Self.stack],
            environment: [
                "NGINX_IMAGE": ImageRecipe.nginx.name, "HELLO_IMAGE": ImageRecipe.busybox.name,
                "CERTBOT_CONFIG_DIR": sandbox.folder.certificates,
            ]
        )
        let page = Page()
        let rows = sandbox.milestones(for: Self.host, proxy: "\(Self.stack)_proxy", saysHello: page)
        try await Watching(rows: rows, since: start, clock: sandbox.clock, screen: screen).run()
        screen.line("\n$ curl https://\(Self.host)")
        screen.line(page.text.trimmed)
    }
}

/// What was fetched.
final class Page: Sendable {
    private let content = Mutex("")

    var text: String { content.withLock { $0 } }

    func set(_ text: String) {
        content.withLock { $0 = text }
    }
}
