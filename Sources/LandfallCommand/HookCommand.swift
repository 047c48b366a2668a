import Certificates
import Composition
import Configuration
import Daemon
import Delivery
import FoundationEssentials
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

struct SignalCommand: Subcommand {
    static let name = "signal"
    static let summary = "Sends signals to containers of this node; helpers on other nodes run it."
    static let help = """
        Usage: landfall signal CONTAINER=SIGNAL…

        Sends each container its signal, by the engine that DOCKER_HOST names, and prints a line of JSON for each:
        {"container":"…","result":"signalled"}, or gone, not running, or refused with a reason.

        Exit status: 0 when none was refused, 1 when one was or the time was up, 2 when the arguments or the
        configuration are wrong.
        """

    private let orders: [SignalOrder]

    init(arguments: [String]) throws(UsageError) {
        let operands = try Arguments(arguments).operands
        guard !operands.isEmpty else { throw UsageError("it takes CONTAINER=SIGNAL, once or more") }
        orders = try operands.map { operand throws(UsageError) in
            guard let order = SignalOrder(operand) else {
                throw UsageError("`\(Terminal.plain(operand))` is not of the form CONTAINER=SIGNAL, such as 1a2b3c=HUP")
            }
            return order
        }
    }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        let log = Startup.commandLog(configuration.logging)
        let isDone = await LocalSignalCommand(configuration, log: log).deliver(orders) { Terminal.print($0.text) }
        return isDone ? ExitStatus.success : ExitStatus.failure
    }
}
