import Model
import Ports

/// The user's own command that runs when a certificate is on the disk (`CERTBOT_DEPLOY_HOOK`), like certbot's
/// `--deploy-hook`. Landfall runs it, because certbot would pass it the private directory of its one run.
struct DeployHook {
    private static let outputLimit = 64 << 10

    let command: String
    let context: CertbotContext

    /// Returns what went wrong; a clause, or nil.
    func run(for lineage: String, _ names: [DomainName]) async -> String? {
        let settings = context.settings
        var environment = CertbotCommand.environment(home: settings.stateDirectory, settings)
        environment["RENEWED_LINEAGE"] = "\(settings.configDirectory)/live/\(lineage)"
        environment["RENEWED_DOMAINS"] = names.map(\.text).joined(separator: " ")
        // It is written for a shell, as for certbot.
        let request = ProcessRequest(
            ["/bin/sh", "-c", command],
            environment: environment,
            timeLimit: settings.timeLimit,
            outputLimit: Self.outputLimit
        )
        do throws(ProcessError) {
            return problem(in: try await context.ports.processes.run(request, for: .certificate(lineage)))
        } catch {
            return "\(error)"
        }
    }

    private func problem(in result: ProcessResult) -> String? {
        let end: String
        switch result.end {
        case .exited(0): return nil
        case .exited(let status): end = "exited with status \(status)"
        case .signalled(let signal): end = "was terminated by signal \(signal)"
        case .timedOut: end = "took longer than \(context.settings.timeLimit.readable) and was terminated"
        case .cancelled: end = "was terminated because Landfall stopped"
        }
        let output = result.errorText.isEmpty ? result.outputText : result.errorText
        return sanitized(output.isEmpty ? end : "\(end): \(output.trimmed)", limit: 200)
    }
}
