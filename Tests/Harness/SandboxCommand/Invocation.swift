import FoundationEssentials
import Glibc
import Sandbox

/// Runs one command.
struct Invocation {
    private let arguments: Arguments

    init(_ words: [String]) throws { arguments = try Arguments(words) }

    private var named: Sandbox { Sandbox(arguments.folder ?? .standard) }

    func run() async throws -> Int32 {
        switch arguments.command {
        case "up": try await up()
        case "down": try await down()
        case "env": try env()
        case "status": try await status()
        case "exec": return try await exec()
        case "demo": try await demo()
        case "serve":
            try await SandboxSupervisor(named.folder, arguments.options, program: try ownPath()).run(
                owner: arguments.owner
            )
        case "help", "--help", "-h": print(Self.help)
        default: throw UsageError("no command `\(arguments.command)`; see `landfall-sandbox help`")
        }
        return 0
    }

    private func up() async throws {
        let environment = try await start(named, owner: nil)
        print(environment.exports, terminator: "")
    }

    private func down() async throws {
        switch try await named.down() {
        case .ended: say("The sandbox in \(named.folder) has ended.")
        case .remainsRemoved: say("The sandbox in \(named.folder) had already ended; its remains were removed.")
        case .nothingThere: say("No sandbox runs in \(named.folder).")
        }
    }

    private func env() throws {
        guard let environment = named.environment else { throw SandboxError.notRunning(named.folder.path) }
        print(environment.exports, terminator: "")
    }

    private func status() async throws {
        for part in try await named.parts() {
            print("\(part.answers ? "answers  " : "no answer")  \(part.name.padded(to: 16))\(part.place)")
        }
    }

    private func exec() async throws -> Int32 {
        guard !arguments.program.isEmpty else { throw UsageError("exec takes a program: exec -- PROGRAM ARGUMENTS") }
        return try await inSandbox { _, environment in
            let clean = CleanEnvironment.current.merging(environment.values) { $1 }
            let orphans = try Orphans()
            defer { orphans.end() }
            return try await ForegroundProgram(arguments.program, environment: clean).run()
        }
    }

    private func demo() async throws {
        let folder = URL(filePath: try ownPath()).deletingLastPathComponent().path
        let (landfall, example) = ("\(folder)/landfall", "deploy/examples/nginx")
        guard FileManager.default.fileExists(atPath: "\(example)/stack.yml") else {
            throw UsageError("demo shows \(example), which is not here; run it in the project's top folder")
        }
        guard FileManager.default.isExecutableFile(atPath: landfall) else {
            throw UsageError("there is no \(landfall); run `swift build` first")
        }
        say("Starting a private sandbox on this machine's loopback, made of real parts:")
        try await inSandbox { sandbox, environment in
            try await Demo(sandbox, environment, landfall: landfall, example: example).run()
        }
        say("\nDone. Everything that was started has ended.")
    }

    /// Runs `body` in the named sandbox if that runs already; otherwise in a new one, which ends afterwards in any case.
    private func inSandbox<Value: Sendable>(
        _ body: (Sandbox, SandboxEnvironment) async throws -> Value
    ) async throws -> Value {
        if arguments.folder != nil, let environment = named.environment { return try await body(named, environment) }
        let sandbox = arguments.folder == nil ? Sandbox.fresh() : named
        let environment = try await start(sandbox, owner: getpid())
        let result: Result<Value, any Error>
        do { result = .success(try await body(sandbox, environment)) } catch { result = .failure(error) }
        if !sandbox.isRunning {
            say("landfall-sandbox: the sandbox ended unexpectedly: \(sandbox.lastWords ?? "it was killed")")
        }
        try await sandbox.down()
        return try result.get()
    }

    private func start(_ sandbox: Sandbox, owner: Int32?) async throws -> SandboxEnvironment {
        try await sandbox.up(arguments.options, program: try ownPath(), owner: owner) { step in
            say("  \(step.name.padded(to: 28))\(step.duration.inSeconds) s")
        }
    }

    private func ownPath() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    private static let help = """
        landfall-sandbox: a private test environment on this machine's loopback, made of real parts. Needs root.

          up      starts it: Docker in Swarm mode, BIND, Pebble, and emulators of Cloudflare, ipify and Slack;
                  prints the variables that point Landfall at it, for eval "$(landfall-sandbox up)"
          env     prints the variables again
          status  shows which parts answer
          down    ends it, and removes everything it created
          exec -- PROGRAM ARGUMENTS
                  runs a program in a sandbox of its own, with its variables and none of yours
          demo    shows the whole way, from `docker stack deploy` to https

        Options:
          --folder DIR           its folder; several sandboxes may run at once (default \(SandboxFolder.standard))
          --zones A,B            the zones of the Cloudflare account (default example.test,example.net)
          --public-address A     the answer of the address service (default 85.214.132.117)
          --nonce-rejections N   how many of 100 ACME requests get a bad nonce (default 5)
          --certificate-validity S
                                 in seconds (default 7776000, ninety days)
          --engine KIND          swarm (default) or plain
          --nodes N              engines in the Swarm, from 1 (default) to 9: a manager, and workers
        """
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
