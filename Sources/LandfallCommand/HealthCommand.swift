import Configuration
import Daemon
import Model
import Ports
import Transport

struct HealthCommand: Subcommand {
    static let name = "health"
    static let summary = "Says whether the daemon is at work; for a container's health check."
    static let help = """
        Usage: landfall health

        Asks the running daemon, and nobody else: that a provider or an authority is away makes no daemon ill. A dry run has
        no socket to be asked at, and counts as well.

        Exit status: 0 when it answers, 1 when it does not, 2 when the configuration is wrong.
        """

    init(arguments: [String]) throws(UsageError) {
        guard arguments.isEmpty else { throw UsageError("it takes no arguments") }
    }

    func run() async -> Int32 {
        guard let configuration = Startup.configuration() else { return ExitStatus.misuse }
        if configuration.isDryRun { return ExitStatus.success }
        do throws(UserFacingError) {
            try await AdminClient(configuration).health()
            Terminal.print("at work")
            return ExitStatus.success
        } catch {
            Terminal.error("landfall health: \(error)")
            return ExitStatus.failure
        }
    }
}
