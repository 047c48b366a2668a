import Model
import Ports

/// The user's own command for what is to be done with a certificate (`CERTBOT_DEPLOY_HOOK`), as certbot's `--deploy-hook`
/// has it. Run by Landfall, because certbot would tell it of the directory that is certbot's for this one run.
struct DeployHook {
    private static let outputLimit = 64 << 10

    let command: String
    let settings: CertbotSettings
    let processes: any ProcessRunner

    /// Returns what is to be said against it.
    func run(for lineage: String, _ names: [DomainName]) async -> String? {
        var environment = CertbotCommand.environment(home: settings.stateDirectory, settings)
        environment["RENEWED_LINEAGE"] = "\(settings.configDirectory)/live/\(lineage)"
        environment["RENEWED_DOMAINS"] = names.map(\.text).joined(separator: " ")
        // Its owner wrote it for a shell, as for certbot.
        let request = ProcessRequest(
            ["/bin/sh", "-c", command],
            environment: environment,
            timeLimit: settings.timeLimit,
            outputLimit: Self.outputLimit
        )
        do throws(ProcessError) {
            return complaint(try await processes.run(request, for: .certificate(lineage)))
        } catch {
            return "\(error)"
        }
    }

    private func complaint(_ result: ProcessResult) -> String? {
        let end: String
        switch result.end {
        case .exited(0): return nil
        case .exited(let status): end = "ended with status \(status)"
        case .signalled(let signal): end = "was ended by signal \(signal)"
        case .timedOut: end = "took longer than \(settings.timeLimit.readable) and was ended"
        case .cancelled: end = "was ended, for Landfall stopped"
        }
        let said = result.errorText.isEmpty ? result.outputText : result.errorText
        return sanitized(said.isEmpty ? end : "\(end): \(said.trimmed)", limit: 200)
    }
}
