import Configuration
import Daemon

struct CheckCommand: Subcommand {
    static let name = "check"
    static let summary = "Checks configuration, engine, DNS token, ACME directory and certbot."
    static let help = """
        Usage: landfall check

        Asks everything that Landfall depends on, and says for each whether it answers. Changes nothing.

        Exit status: 0 when all is well, 1 when something is not, 2 when the configuration is wrong.
        """

    init(arguments: [String]) throws(UsageError) {
        guard arguments.isEmpty else { throw UsageError("it takes no arguments") }
    }

    func run() async -> Int32 {
        guard let configuration = Startup.configuration() else { return ExitStatus.misuse }
        for warning in configuration.warnings { Terminal.print("note  \(warning)") }
        var failures = 0
        for check in await Checkup(configuration).all() {
            Terminal.print("\(check.isGood ? "ok    " : "FAILED")  \(check.subject): \(check.finding)")
            failures += check.isGood ? 0 : 1
        }
        return failures == 0 ? ExitStatus.success : ExitStatus.failure
    }
}
