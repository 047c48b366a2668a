import Certificates
import Composition
import Daemon
import FoundationEssentials
import Ports
import Transport

struct HookCommand: Subcommand {
    static let name = "hook"
    static let summary = "Publishes a challenge; only certbot calls it."
    /// SIGTERM goes to certbot's whole process group; its hooks must survive it, because certbot then cleans up.
    static let awaitsSignals = true
    static let help = """
        Usage: landfall hook auth|cleanup [--socket PATH]

        certbot's manual hooks: they ask the daemon at the socket to publish or remove a challenge. They serve only a certbot
        that Landfall started.

        Exit status: 0 on success, 1 on failure.
        """

    private let action: HookRequest.Action
    private let socket: String?

    init(arguments: [String]) throws(UsageError) {
        let arguments = try Arguments(arguments, options: ["--socket"])
        guard let action = HookRequest.Action(rawValue: try arguments.operand("`auth` or `cleanup`")) else {
            throw UsageError("it takes `auth` or `cleanup`")
        }
        self.action = action
        socket = try arguments.value("--socket", takes: "a path") { $0 }
    }

    func run() async throws -> Int32 {
        let client = HookClient(
            environment: ProcessInfo.processInfo.environment,
            socket: socket,
            transport: CurlTransport.landfall()
        )
        try await client.call(action)
        return ExitStatus.success
    }
}
