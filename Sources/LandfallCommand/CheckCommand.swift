import Composition
import Configuration
import Daemon
import Model

struct CheckCommand: Subcommand {
    static let name = "check"
    static let summary = "Checks configuration, engine, DNS, ACME directory, certbot and notifiers; changes nothing."
    static let help = """
        Usage: landfall check

        Checks everything that Landfall depends on, and says what to do about what does not work (✗), and what could not be
        tried without changing something (-). Changes nothing.

        Exit status: 0 when everything works, 1 when something does not, 2 when the configuration is wrong.
        """

    init(arguments: [String]) throws(UsageError) { _ = try Arguments.options(arguments) }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        for warning in configuration.warnings { Terminal.print("note  \(warning)") }
        let findings = await DependencyCheck(configuration).all()
        for finding in findings { Terminal.print(painted: text(finding)) }
        return findings.contains { $0.result == .failed } ? ExitStatus.failure : ExitStatus.success
    }

    private func text(_ finding: DependencyCheck.Finding) -> String {
        let (sign, style): (String, Terminal.Paint) =
            switch finding.result {
            case .ok: ("✓", .good)
            case .failed: ("✗", .bad)
            case .notTried: ("-", .plain)
            }
        let mark = Terminal.painted(sign, style, Terminal.outputHasColours)
        let line = "\(mark) \(sanitized(finding.subject)): \(sanitized(finding.text, limit: 2000))"
        return finding.fix.map { "\(line)\n  → \(sanitized($0, limit: 2000))" } ?? line
    }
}

struct HealthCommand: Subcommand {
    static let name = "health"
    static let summary = "Says whether the daemon is healthy; for a container's health check."
    static let help = """
        Usage: landfall health

        Asks the running daemon, and nothing else: a provider or an authority that is down makes no daemon unhealthy.

        Exit status: 0 when it is healthy, 1 when it is not or does not answer, 2 when the configuration is wrong.
        """

    init(arguments: [String]) throws(UsageError) { _ = try Arguments.options(arguments) }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        try await AdminClient(configuration).health()
        Terminal.print("healthy")
        return ExitStatus.success
    }
}
