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

    init(arguments: [String]) throws(UsageError) {
        guard arguments.isEmpty else { throw UsageError("it takes no arguments") }
    }

    func run() async -> Int32 {
        guard let configuration = Startup.configuration() else { return ExitStatus.misuse }
        if configuration.isDryRun { return ExitStatus.success }
        do throws(UserFacingError) {
            try await AdminClient(configuration).health()
            Terminal.print("healthy")
            return ExitStatus.success
        } catch {
            Terminal.error("landfall health: \(error)")
            return ExitStatus.failure
        }
    }
}
