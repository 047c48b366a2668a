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
    /// How long another certbot, such as a timer's, is waited for.
    private static let lockPatience = Duration.seconds(30)
    private static let lockPause = Duration.milliseconds(500)

    let orphans: CertbotOrphans
    private let settings: CertbotSettings
    private let directories: CertbotDirectories
    private let account: CertbotAccount
    private let attempt: CertbotAttempt
    private let desk: ChallengeDesk
    private let locks: any RecordLocks
    private let clock: any Clock
    private let log: Logger

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
        self.settings = settings
        self.directories = directories
        orphans = CertbotOrphans(directories: directories, locks: locks, clock: clock, log: log)
        account = CertbotAccount(settings: settings, directories: directories, files: files, processes: processes)
        attempt = CertbotAttempt(
            settings: settings,
            directories: directories,
            store: CertificateStore(
                directory: settings.configDirectory,
                files: files,
                keys: keys,
                clock: clock
            ),
            files: files,
            processes: processes,
            desk: desk,
            clock: clock
        )
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
        if let failure = await takeLock() { return orders.map { _ in .failed(failure) } }
        defer { locks.release(directories.lock, for: .run) }
        tidy()
        if let failure = await account.ensure() {
            for order in orders { ended(order, .failed(failure)) }
            return orders.map { _ in .failed(failure) }
        }
        return await sideBySide(orders, atMost: settings.concurrency) { order in
            progress(Progress(.certificate, order.lineage, .started))
            let end = await fulfil(order, zones: zones, progress: progress)
            ended(order, end)
            progress(Progress(.certificate, order.lineage, .ended(order.outcome(end))))
            return end
        }
    }

    private func fulfil(
        _ order: CertificateStep,
        zones: ZoneDirectory,
        progress: @escaping ProgressHandler
    ) async -> CertbotAttempt.End {
        let lineage = order.lineage
        var end = CertbotAttempt.End.failed(
            CertbotFailure("Landfall stopped before it was ordered", costsNothing: true)
        )
        for _ in 0..<CertbotFailure.tries where !Task.isCancelled {
            end = await attempt.order(lineage, order.names, zones: zones) { step in
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
    /// Takes certbot's lock on the real directory, waiting a while for whoever holds it; returns why it was not got.
    private func takeLock() async -> CertbotFailure? {
        do {
            try directories.prepareReal()
            let deadline = clock.uptime + Self.lockPatience
            while try !locks.take(directories.lock, for: .run) {
                guard clock.uptime < deadline else {
                    let reason = "another certbot is running: it holds \(directories.lock)"
                    return CertbotFailure(reason, costsNothing: true)
                }
                try await clock.sleep(for: Self.lockPause)
            }
            return nil
        } catch let error as FileError {
            return CertbotFailure("\(error)", costsNothing: true)
        } catch {
            return CertbotFailure("Landfall stopped before it was ordered", costsNothing: true)
        }
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
