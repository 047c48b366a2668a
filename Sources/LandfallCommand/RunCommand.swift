import Configuration
import Daemon
import Log
import Model

struct RunCommand: Subcommand {
    static let name = "run"
    static let summary = "Runs the daemon: watches the engine and keeps everything true."
    static let awaitsSignals = true

    static var help: String {
        """
        Usage: landfall run

        Runs until SIGTERM or SIGINT. SIGHUP asks for a run at once. Logs to standard output.

        Exit status: 0 after a signal, 1 when it cannot begin, 2 when the configuration is wrong.

        Each variable NAME may also be given as NAME_FILE, the path of a file that holds the value, or as a line
        NAME=VALUE in \(RawConfiguration.secretsFile).

        \(Variable.help)
        """
    }

    init(arguments: [String]) throws(UsageError) { _ = try Arguments.options(arguments) }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        let log = Startup.daemonLog(configuration.logging)
        do throws(UserFacingError) {
            try await Daemon(configuration, log: log).run()
            return ExitStatus.success
        } catch {
            log.error("cannot start", [.error: "\(error)"])
            return ExitStatus.failure
        }
    }
}
