import Configuration
import Daemon
import Model
import Report

struct PlanCommand: Subcommand {
    static let name = "plan"
    static let summary = "Shows what a run would do; changes nothing."
    static let help = """
        Usage: landfall plan [--json]

        Reads everything and shows what a run would do. It writes nothing: no record, no file, no message.

          --json   prints the plan as JSON

        Exit status: 0 when everything could be read, 1 when something could not, 2 when the configuration is wrong.
        """

    private let asJSON: Bool

    init(arguments: [String]) throws(UsageError) {
        asJSON = try Arguments.options(arguments, flags: ["--json"]).has("--json")
    }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        let plan = try await SingleRun(configuration, log: Startup.commandLog(configuration.logging)).plan()
        Terminal.print(asJSON ? json(plan) : ReportText(plan).description)
        return plan.problems.isEmpty ? ExitStatus.success : ExitStatus.failure
    }
}
