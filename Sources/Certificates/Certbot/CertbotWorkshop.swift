import DNS
import Files
import Log
import Model
import Processes
import Threads
import Timing

/// Where orders are fulfilled: holds certbot's lock on the real directory, sees to the account, and runs certbots side by
/// side.
struct CertbotWorkshop {
    let orphans: CertbotOrphans
    private let settings: CertbotSettings
    let directories: CertbotDirectories
    let store: CertificateStore
    private let accounts: CertbotAccounts
    private let version: CertbotVersion
    private let attempt: CertbotAttempt
    private let hook: DeployHook?
    private let desk: ChallengeDesk
    let locks: any RecordLocks
    let clock: any Clock
    let log: Logger

    init(
        settings: CertbotSettings,
        desk: ChallengeDesk,
        files: any Files,
        keys: any KeyFiles,
        locks: any RecordLocks,
        processes: any ProcessRunner,
        clock: any Clock,
        log: Logger
    ) {
        let directories = CertbotDirectories(settings: settings, files: files)
        let store = CertificateStore(directory: settings.configDirectory, files: files, keys: keys)
        self.settings = settings
        self.directories = directories
        self.store = store
        orphans = CertbotOrphans(directories: directories, locks: locks, clock: clock, log: log)
        accounts = CertbotAccounts(settings: settings, directories: directories, files: files, processes: processes)
        version = CertbotVersion(settings: settings, processes: processes)
        attempt = CertbotAttempt(
            settings: settings,
            directories: directories,
            store: store,
            files: files,
            processes: processes,
            desk: desk,
            clock: clock
        )
        hook = settings.options.deployHook.map { DeployHook(command: $0, settings: settings, processes: processes) }
        self.desk = desk
        self.locks = locks
        self.clock = clock
        self.log = log
    }

    /// Returns one end per order, in their order; `ended` hears of each at once, for a slow one may outlive the process.
    func fulfil(
        _ orders: [CertificateStep],
        zones: ZoneDirectory,
        progress: @escaping ProgressHandler,
        ended: @escaping @Sendable (CertificateStep, CertbotAttempt.End) -> Void
    ) async -> [CertbotAttempt.End] {
        await desk.sweep(zones) { orphans.isAtWork(on: $0) }
        guard !orders.isEmpty else {
            tidyIdly()
            return []
        }
        let gained: [String: CertificateOnDisk]
        do throws(CertbotFailure) {
            gained = try await takeLock(for: orders, progress: progress)
        } catch {
            return orders.map { _ in .failed(error) }
        }
        defer { locks.release(directories.lock, for: .run) }
        tidy()
        let present: [String]
        do throws(CertbotFailure) {
            present = try await ready()
        } catch {
            for order in orders { ended(order, .failed(error)) }
            return orders.map { _ in .failed(error) }
        }
        return await sideBySide(orders, atMost: settings.concurrency) { order in
            progress(Progress(.certificate, order.lineage, .started))
            let end =
                if let certificate = gained[order.lineage] {
                    CertbotAttempt.End.issued(certificate)
                } else {
                    await deploy(await fulfil(order, among: present, zones: zones, progress: progress))
                }
            ended(order, end)
            progress(Progress(.certificate, order.lineage, .ended(order.outcome(end))))
            return end
        }
    }

    /// The accounts, once certbot can do what is configured.
    private func ready() async throws(CertbotFailure) -> [String] {
        if let objection = await version.objection() { throw objection }
        return try await accounts.ensured()
    }

    private func fulfil(
        _ order: CertificateStep,
        among present: [String],
        zones: ZoneDirectory,
        progress: @escaping ProgressHandler
    ) async -> CertbotAttempt.End {
        let lineage = order.lineage
        let account = accounts.choice(for: lineage, among: present)
        var end = CertbotAttempt.End.failed(
            CertbotFailure("Landfall stopped before it was ordered", costsNothing: true)
        )
        for _ in 0..<CertbotFailure.tries where !Task.isCancelled {
            end = await attempt.order(lineage, order.names, account: account, zones: zones) { step in
                progress(Progress(.certificate, lineage, .step(step)))
            }
            guard case .failed(let failure) = end, failure.isTransient else { break }
            log.info(
                "certbot failed and is tried again",
                ["certificate.name": lineage, "error.message": failure.reason]
            )
        }
        return end
    }
}

extension CertbotWorkshop {
    /// What is on the disk stays a success, whatever the user's own hook does.
    private func deploy(_ end: CertbotAttempt.End) async -> CertbotAttempt.End {
        guard let hook, case .issued(let certificate, _) = end,
            let complaint = await hook.run(for: certificate.lineage, certificate.names)
        else { return end }
        log.warning(
            "the deploy hook failed",
            ["certificate.name": certificate.lineage, "error.message": complaint]
        )
        return .issued(certificate, complaint: "CERTBOT_DEPLOY_HOOK \(complaint)")
    }

    /// Removes what interrupted runs left.
    private func tidy() {
        for name in directories.leftovers() where !orphans.isAtWork(on: name) {
            do {
                try directories.dispose(name, removingLogs: false)
            } catch {
                log.warning("what an earlier run left cannot be removed", ["error.message": "\(error)"])
            }
        }
    }

    /// As `tidy`, where nothing else is to be done: then nobody is waited for.
    private func tidyIdly() {
        guard !directories.leftovers().isEmpty, (try? locks.take(directories.lock, for: .run)) == true else { return }
        tidy()
        locks.release(directories.lock, for: .run)
    }
}
