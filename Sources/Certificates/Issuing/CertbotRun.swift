import DNS
import Log
import Model
import Ports

/// One `certbot certonly`, from its directories to the certificate on disk.
struct CertbotRun {
    let issuer: CertificateIssuer
    let order: CertificateOrder
    /// The account to order with; nil leaves it to certbot.
    let account: String?
    let zones: ZoneDirectory
    let progress: @Sendable (String) -> Void

    private var context: CertbotContext { issuer.context }
    private var scope: Scope { .certificate(order.lineage) }

    /// Orders the certificate. What the disk shows decides whether it succeeded, not what certbot says.
    func run() async -> IssuanceResult {
        let before = LineageSnapshot(of: order.lineage, in: issuer.store)
        let number: Int?
        do throws(FileError) {
            number = try before.links.flatMap { links throws(FileError) in try repair.promote(links) }
        } catch {
            let reason = "the links of live/\(order.lineage) cannot be changed: \(error)"
            return mended(.failed(.free(reason)), before, number: nil)
        }
        let error: IssuanceError
        do throws(IssuanceError) {
            error = try await runCertbot(in: try prepareDirectory())
        } catch {
            return mended(.failed(error), before, number: number)
        }
        let after = LineageSnapshot(of: order.lineage, in: issuer.store)
        let result: IssuanceResult =
            switch after.verdict(since: before, names: order.names, now: context.ports.clock.now) {
            case .issued(let certificate): .issued(certificate)
            case .unchanged: .failed(error)
            case .unusable(let reason): .failed(IssuanceError(reason))
            }
        // What cannot be removed now is removed by the next run.
        try? context.directories.dispose(order.lineage, removingLogs: result.isIssued)
        return mended(result, before, number: number)
    }

    private var repair: LinkRepair { LinkRepair(directory: context.directories.real, files: context.ports.files) }

    /// The result, once the links lead where they did, unless there is a new certificate. certbot changes them even where it
    /// fails, and a proxy may read them at any time.
    private func mended(_ result: IssuanceResult, _ before: LineageSnapshot, number: Int?) -> IssuanceResult {
        guard let links = before.links else { return result }
        do throws(FileError) {
            if !result.isIssued { try repair.setBack(to: links) }
            if let number { try repair.demote(number, of: links) }
        } catch {
            issuer.log.error(
                "cannot mend the links of a certificate",
                [.certificate: .string(order.lineage), .error: "\(error)"]
            )
        }
        return result
    }

    private func prepareDirectory() throws(IssuanceError) -> CertbotDirectories.Private {
        do throws(FileError) {
            try context.directories.clearRemains(of: order.lineage)
            return try context.directories.prepare(order.lineage)
        } catch {
            throw .free("\(error)")
        }
    }

    /// Runs certbot; the error is the one to report if the disk shows no new certificate.
    private func runCertbot(in directory: CertbotDirectories.Private) async throws(IssuanceError) -> IssuanceError {
        switch context.settings.authenticator {
        case .landfall:
            let token = await issuer.solver.openSession(
                lineage: order.lineage,
                names: order.names,
                zones: zones,
                progress: progress
            )
            let end = await run(.hook(token: token, settings: context.settings), in: directory)
            let challengeError = await issuer.solver.closeSession(token)
            let error = try end.get()
            // The authority validated nothing, so no pause of a day is due; but it took an order, which is worth a pause.
            return challengeError.map { failure in
                let cause = failure.name.map { IssuanceError.Cause.names([$0]) } ?? .unknown
                return IssuanceError(failure.reason, isLocal: true, effect: .order(failed: []), cause: cause)
            } ?? error
        case .plugin(let plugin):
            let path = try writeCredentials(of: plugin, in: directory)
            defer { if let path { try? context.ports.files.remove(path, for: scope) } }
            let wait = context.settings.propagationLimit
            return try await run(plugin.authentication(credentials: path, wait: wait), in: directory).get()
        }
    }

    /// Returns the path of the credentials file; nil for a plugin without one.
    private func writeCredentials(
        of plugin: CertbotPlugin,
        in directory: CertbotDirectories.Private
    ) throws(IssuanceError) -> String? {
        guard let credentials = plugin.credentials else { return nil }
        do throws(FileError) {
            let text = Array((credentials.revealed + "\n").utf8)
            try context.ports.files.write(text, to: directory.credentials, mode: 0o600, for: scope)
            return directory.credentials
        } catch {
            throw .free("\(error)")
        }
    }

    private func run(
        _ authentication: CertbotAuthentication,
        in directory: CertbotDirectories.Private
    ) async -> Result<IssuanceError, IssuanceError> {
        let command = CertbotCommand.order(
            order.lineage,
            order.names,
            profile: order.step.profile,
            account: account,
            in: directory,
            authentication: authentication,
            settings: context.settings
        )
        return await context.run(command, of: order.names, in: directory, for: scope)
    }
}

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
