import Configuration
import Daemon
import Model
import Pipeline

struct OnceCommand: Subcommand {
    static let name = "once"
    static let summary = "Makes one run and says what it did."
    static let awaitsSignals = true
    static let help = """
        Usage: landfall once [--json]

        Makes one run, by the running daemon where there is one, and prints what it did.

          --json   prints the report as JSON

        Exit status: 0 when nothing failed, 1 when something did, 2 when the configuration is wrong.
        """

    private let asJSON: Bool

    init(arguments: [String]) throws(UsageError) {
        asJSON = try jsonOption(arguments)
    }

    func run() async -> Int32 {
        guard let configuration = Startup.configuration() else { return ExitStatus.misuse }
        let live = LiveProgress(isTerminal: Terminal.errorIsTerminal && !asJSON, isSilent: asJSON)
        do throws(StartError) {
            let report = try await SingleRun(configuration, log: Startup.commandLog(configuration.logging))
                .run(progress: live.handler)
            await live.finish()
            Terminal.print(asJSON ? json(report) : ReportText(report).description)
            return report.isClean ? ExitStatus.success : ExitStatus.failure
        } catch {
            await live.finish()
            Terminal.error("landfall once: \(error)")
            return ExitStatus.failure
        }
    }
}
