import Configuration
import Daemon
import Signals

struct SignalCommand: Subcommand {
    static let name = "signal"
    static let summary = "Sends signals to containers of this node; what other nodes are reached by."
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
