import Daemon
import Status

struct StatusCommand: Subcommand {
    static let name = "status"
    static let summary = "Shows the state of every host, as the running daemon knows it."
    static let help = """
        Usage: landfall status [--json] [--watch]

        Asks the running daemon, and nothing else, for the state of every host: record, certificate, last signal, last error.

          --json   prints it as JSON; with --watch a line for every change
          --watch  updates it until interrupted

        Colours are for terminals only; NO_COLOR switches them off there too.

        Exit status: 0 when everything is healthy, 1 when something needs attention or no daemon answers, 2 when the
        arguments or the configuration are wrong.
        """

    private let asJSON: Bool
    private let watches: Bool

    init(arguments: [String]) throws(UsageError) {
        let arguments = try Arguments.options(arguments, flags: ["--json", "--watch"])
        (asJSON, watches) = (arguments.has("--json"), arguments.has("--watch"))
    }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        let client = AdminClient(configuration)
        var status = try await client.status()
        show(status)
        while watches {
            let next = try await client.status(after: status.revision)
            // On a terminal, ages are updated even without a change.
            if next.revision != status.revision || Terminal.outputIsTerminal { show(next) }
            status = next
        }
        return status.needsAttention.isEmpty ? ExitStatus.success : ExitStatus.failure
    }

    private func show(_ status: StatusDocument) {
        guard !asJSON else {
            Terminal.print(json(status, isIndented: !watches))
            return
        }
        let table = StatusTable(
            status,
            width: Terminal.outputIsTerminal ? Terminal.outputWidth : nil,
            hasColours: Terminal.outputHasColours
        )
        // Moves the cursor home and clears the screen.
        let redraws = watches && Terminal.outputIsTerminal
        Terminal.print(painted: redraws ? "\u{1B}[H\u{1B}[2J\(table)" : "\(table)")
    }
}
