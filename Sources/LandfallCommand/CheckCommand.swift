import Composition
import Configuration
import FoundationEssentials
import Model

struct CheckCommand: Subcommand {
    static let name = "check"
    static let summary = "Checks configuration, engine, DNS token, ACME directory and certbot."
    static let help = """
        Usage: landfall check

        Asks everything that Landfall depends on, says for each whether it is well, and for what is not what to do about
        it. Changes nothing.

        Exit status: 0 when all is well, 1 when something is not, 2 when the configuration is wrong.
        """

    init(arguments: [String]) throws(UsageError) { _ = try Arguments.options(arguments) }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        for warning in configuration.warnings { Terminal.print("note  \(warning)") }
        let findings = await DependencyCheck(configuration).all()
        for finding in findings { Terminal.print(text(finding)) }
        return findings.allSatisfy(\.isOK) ? ExitStatus.success : ExitStatus.failure
    }

    private func text(_ finding: DependencyCheck.Finding) -> String {
        let mark = Terminal.painted(finding.isOK ? "✓" : "✗", finding.isOK ? .good : .bad, hasColours)
        let line = "\(mark) \(finding.subject): \(sanitized(finding.text, limit: 2000))"
        return finding.fix.map { "\(line)\n  → \($0)" } ?? line
    }

    private let hasColours = Terminal.outputHasColours(ProcessInfo.processInfo.environment)
}
