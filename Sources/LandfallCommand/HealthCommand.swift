import Configuration
import Daemon
import Model
import Ports
import Transport

struct HealthCommand: Subcommand {
    static let name = "health"
    static let summary = "Says whether the daemon is healthy; for a container's health check."
    static let help = """
        Usage: landfall health

        Asks the running daemon, and nothing else: a provider or an authority that is down makes no daemon unhealthy. A dry
        run has no socket, and counts as healthy.

        Exit status: 0 when it is healthy, 1 when it is not or does not answer, 2 when the configuration is wrong.
        """

    init(arguments: [String]) throws(UsageError) { _ = try Arguments.options(arguments) }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        if configuration.isDryRun { return ExitStatus.success }
        try await AdminClient(configuration).health()
        Terminal.print("healthy")
        return ExitStatus.success
    }
}
