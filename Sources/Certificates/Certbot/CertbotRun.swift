import DNS
import Model
import Ports

/// One certbot, from its directories to the certificate on the disk.
struct CertbotRun {
    enum End: Hashable {
        /// - Parameter complaint: what was to be said against the user's own hook.
        case issued(CertificateOnDisk, complaint: String? = nil)
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
    let desk: DNS01Solver
    let clock: any Clock

    /// Orders a certificate for `names`. Success is what the disk shows, never what certbot says.
    ///
    /// - Parameter account: with which it is ordered.
    func order(
        _ lineage: String,
        _ names: [DomainName],
        account: String?,
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async -> End {
        let before = LineageSnapshot(of: lineage, in: store)
        let failure: CertbotFailure
        do throws(CertbotFailure) {
            let directory = try prepared(lineage)
            let order = CertbotOrder(lineage: lineage, names: names, account: account, directory: directory)
            failure = try await run(order, zones: zones, progress: progress)
        } catch {
            return .failed(error)
        }
        let end = judge(
            LineageSnapshot(of: lineage, in: store).verdict(since: before, names: names, now: clock.now),
            failure
        )
        // What cannot be tidied now is tidied by the next run.
        try? directories.dispose(lineage, removingLogs: end.isIssued)
        return end
    }

    private func judge(_ verdict: LineageSnapshot.Verdict, _ failure: CertbotFailure) -> End {
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
        _ order: CertbotOrder,
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(CertbotFailure) -> CertbotFailure {
        switch settings.authenticator {
        case .landfall:
            let token = await desk.open(lineage: order.lineage, names: order.names, zones: zones, progress: progress)
            let end = await result(order, .hook(token: token, settings: settings))
            let refusal = await desk.close(token)
            let failure = try end.get()
            // The CA validated nothing, so its patience is not at stake; but an order was made, which is worth a pause.
            return refusal.map { CertbotFailure($0, isOurs: true, trace: .order(failed: [])) } ?? failure
        case .plugin(let plugin):
            let path = try credentials(of: plugin, for: order)
            defer { if let path { try? files.remove(path, for: .certificate(order.lineage)) } }
            let wait = settings.propagationLimit
            return try await result(order, plugin.authentication(credentials: path, wait: wait)).get()
        }
    }

    /// The path of the file that holds them.
    private func credentials(of plugin: CertbotPlugin, for order: CertbotOrder) throws(CertbotFailure) -> String? {
        guard let credentials = plugin.credentials else { return nil }
        let path = order.directory.credentials
        do throws(FileError) {
            try files.write(
                Array((credentials.revealed + "\n").utf8),
                to: path,
                mode: 0o600,
                for: .certificate(order.lineage)
            )
            return path
        } catch {
            throw CertbotFailure("\(error)", costsNothing: true)
        }
    }

    private func result(
        _ order: CertbotOrder,
        _ authentication: Authentication
    ) async -> Result<CertbotFailure, CertbotFailure> {
        let command = CertbotCommand.order(
            order.lineage,
            order.names,
            account: order.account,
            in: order.directory,
            authentication: authentication,
            settings: settings
        )
        return await CertbotProcess(settings: settings, files: files, processes: processes, clock: clock)
            .run(command, of: order.names, in: order.directory, for: .certificate(order.lineage))
    }
}

/// What one certbot is for.
private struct CertbotOrder {
    let lineage: String
    let names: [DomainName]
    let account: String?
    let directory: CertbotDirectories.Private
}
