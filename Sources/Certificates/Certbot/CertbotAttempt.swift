import DNS
import Files
import Model
import Processes
import Timing

/// One certbot, from its directories to the certificate on the disk.
struct CertbotAttempt {
    enum End: Hashable {
        case issued(CertificateOnDisk)
        case failed(CertbotFailure)

        var isIssued: Bool {
            if case .issued = self { true } else { false }
        }
    }

    let settings: CertbotSettings
    let directories: CertbotDirectories
    let store: CertificateStore
    let files: any Files
    let processes: any ProcessRunner
    let desk: ChallengeDesk
    let clock: any Clock

    /// Orders a certificate for `names`. Success is what the disk shows, never what certbot says.
    func order(
        _ lineage: String,
        _ names: [DomainName],
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async -> End {
        let before = Sight(of: lineage, in: store)
        let failure: CertbotFailure
        do throws(CertbotFailure) {
            let directory = try prepared(lineage)
            failure = try await run(lineage, names, in: directory, zones: zones, progress: progress)
        } catch {
            return .failed(error)
        }
        let end = judge(Sight(of: lineage, in: store).verdict(since: before, names: names, now: clock.now), failure)
        // What cannot be tidied now is tidied by the next run.
        try? directories.dispose(lineage, removingLogs: end.isIssued)
        return end
    }

    private func judge(_ verdict: Sight.Verdict, _ failure: CertbotFailure) -> End {
        switch verdict {
        case .issued(let certificate): .issued(certificate)
        case .unchanged: .failed(failure)
        case .unusable(let reason): .failed(CertbotFailure(reason))
        }
    }

    private func prepared(_ lineage: String) throws(CertbotFailure) -> CertbotDirectories.Private {
        do throws(FileError) {
            try directories.clearRemains(of: lineage)
            return try directories.prepare(lineage)
        } catch {
            throw CertbotFailure("\(error)", costsNothing: true)
        }
    }

    /// Runs certbot once, and returns why there would be no new certificate if the disk shows none.
    private func run(
        _ lineage: String,
        _ names: [DomainName],
        in directory: CertbotDirectories.Private,
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(CertbotFailure) -> CertbotFailure {
        switch settings.authenticator {
        case .landfall:
            let token = await desk.open(lineage: lineage, names: names, zones: zones, progress: progress)
            let authentication = Authentication.hook(token: token, settings: settings)
            let end = await result(lineage, names, in: directory, authentication)
            let refusal = await desk.close(token)
            let failure = try end.get()
            // The CA validated nothing, so its patience is not at stake; but an order was made, which is worth a pause.
            return refusal.map { CertbotFailure($0, isOurs: true, trace: .order(failed: [])) } ?? failure
        case .cloudflare(let login):
            let path = directory.config + "/cloudflare.ini"
            let scope = Scope.certificate(lineage)
            do throws(FileError) {
                try files.write(login.pluginFile, to: path, mode: 0o600, for: scope)
            } catch {
                throw CertbotFailure("\(error)", costsNothing: true)
            }
            let authentication = Authentication.cloudflare(credentials: path, settings: settings)
            let end = await result(lineage, names, in: directory, authentication)
            try? files.remove(path, for: scope)
            return try end.get()
        }
    }

    private func result(
        _ lineage: String,
        _ names: [DomainName],
        in directory: CertbotDirectories.Private,
        _ authentication: Authentication
    ) async -> Result<CertbotFailure, CertbotFailure> {
        let command = CertbotCommand.order(
            lineage,
            names,
            in: directory,
            authentication: authentication,
            settings: settings
        )
        return await CertbotProcess(settings: settings, files: files, processes: processes, clock: clock)
            .run(command, of: names, in: directory, for: .certificate(lineage))
    }
}
