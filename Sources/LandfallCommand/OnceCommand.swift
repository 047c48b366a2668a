import Certificates
import Configuration
import Daemon
import Model
import Report

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
        var code: String?
        var storeIsEmpty = false
        var rest = arguments[...]
        var others: [String] = []
        while let argument = rest.popFirst() {
            if argument == "--confirm-empty-store" {
                storeIsEmpty = true
                continue
            }
            guard argument == "--confirm-deletes" else {
                others.append(argument)
                continue
            }
            guard let text = rest.popFirst(), text.count == 8, text.allSatisfy(\.isHexDigit) else {
                throw UsageError("--confirm-deletes takes the code that `landfall plan` shows: 1a2b3c4d")
            }
            code = text.lowercased()
        }
        guard code == nil || !storeIsEmpty else {
            throw UsageError("only one of --confirm-deletes and --confirm-empty-store can be given")
        }
        (asJSON, self.code, self.storeIsEmpty) = (try jsonOption(others), code, storeIsEmpty)
    }

    func run() async -> Int32 {
        guard let configuration = Startup.configuration() else { return ExitStatus.misuse }
        let live = LiveProgress(isTerminal: Terminal.errorIsTerminal && !asJSON, isSilent: asJSON)
        do throws(UserFacingError) {
            let report = try await SingleRun(
                configuration,
                log: Startup.commandLog(configuration.logging),
                confirming: storeIsEmpty ? MissingVolumeGuard.confirmation : code
            ).run(progress: live.handler)
            await live.finish()
            Terminal.print(asJSON ? json(report) : ReportText(report).description)
            return report.isClean && isConfirmed(by: report) ? ExitStatus.success : ExitStatus.failure
        } catch {
            await live.finish()
            Terminal.error("landfall once: \(error)")
            return ExitStatus.failure
        }
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
