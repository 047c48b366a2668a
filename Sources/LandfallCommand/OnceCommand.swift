import Certificates
import Configuration
import Daemon
import Model
import Report
import Threads

struct OnceCommand: Subcommand {
    static let name = "once"
    static let summary = "Performs one run and prints what it did."
    static let awaitsSignals = true
    static let help = """
        Usage: landfall once [--json] [--confirm-deletes CODE | --confirm-empty-store]

        Performs one run, by the running daemon if there is one, and prints what it did.

          --json                  prints the report as JSON
          --confirm-deletes CODE  deletes the records that `landfall plan` lists under that code; if the list has changed
                                  meanwhile, nothing is deleted
          --confirm-empty-store   orders certificates although the earlier ones are gone from the store

        Exit status: 0 when nothing failed, 1 when something did or the code is not that of the list, 2 when the arguments
        or the configuration are wrong.
        """

    private let asJSON: Bool
    /// The code of the list of deletions to confirm.
    private let code: String?
    private let storeIsEmpty: Bool

    init(arguments: [String]) throws(UsageError) {
        let flags: Set = ["--json", "--confirm-empty-store"]
        let arguments = try Arguments.options(arguments, flags: flags, options: ["--confirm-deletes"])
        code = try arguments.value("--confirm-deletes", takes: "the code that `landfall plan` shows: 1a2b3c4d") {
            text in text.count == 8 && text.allSatisfy(\.isHexDigit) ? text.lowercased() : nil
        }
        (asJSON, storeIsEmpty) = (arguments.has("--json"), arguments.has("--confirm-empty-store"))
        guard code == nil || !storeIsEmpty else {
            throw UsageError("only one of --confirm-deletes and --confirm-empty-store can be given")
        }
    }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        let live = LiveProgress(isTerminal: Terminal.errorIsTerminal && !asJSON, isSilent: asJSON)
        let run = SingleRun(
            configuration,
            log: Startup.commandLog(configuration.logging),
            confirming: storeIsEmpty ? MissingVolumeGuard.confirmation : code
        )
        let result = await Result(of: { () async throws(UserFacingError) in try await run.run(progress: live.show) })
        await live.finish()
        let report = try result.get()
        Terminal.print(asJSON ? json(report) : ReportText(report).description)
        return report.isClean && isConfirmed(by: report) ? ExitStatus.success : ExitStatus.failure
    }

    /// Whether the confirmed list of deletions, if any, is the one that the run found.
    private func isConfirmed(by report: Report) -> Bool {
        guard let code, report.deletions.map({ $0.isConfirmed && $0.code == code }) != true else { return true }
        let list =
            report.deletions.map { "the current list has the code \($0.code)" } ?? "no deletion waits for confirmation"
        Terminal.error("landfall once: \(code) confirms nothing: \(list)")
        return false
    }
}

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
