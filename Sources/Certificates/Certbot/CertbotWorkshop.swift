import DNS
import Files
import Log
import Model
import State
import Threads
import Timing

/// Where orders are fulfilled: holds certbot's lock on the real directory, sees to the account and the ledger, and runs
/// certbots side by side.
struct CertbotWorkshop {
    /// How long another certbot, such as a timer's, is waited for.
    private static let lockPatience = Duration.seconds(30)
    private static let lockPause = Duration.milliseconds(500)

    let orphans: CertbotOrphans
    let office: CertbotOffice
    private let staging: CertbotOffice?
    private let settings: CertbotSettings
    private let directories: CertbotDirectories
    private let desk: ChallengeDesk
    private let ports: CertbotPorts
    private let log: Logger

    init(settings: CertbotSettings, desk: ChallengeDesk, state: StateStore, ports: CertbotPorts, log: Logger) {
        func office(_ settings: CertbotSettings) -> CertbotOffice {
            let book = LedgerBook(settings: settings, files: ports.files, state: state, log: log)
            return CertbotOffice(settings: settings, desk: desk, book: book, ports: ports, log: log)
        }
        self.office = office(settings)
        staging = settings.staging.map(office)
        (self.settings, self.desk, self.ports, self.log) = (settings, desk, ports, log)
        directories = self.office.directories
        orphans = CertbotOrphans(directories: directories, locks: ports.locks, clock: ports.clock, log: log)
    }

    /// Returns one end per order, in their order; `ended` hears of each at once, for a slow one may outlive the process.
    func fulfil(
        _ orders: [CertificateOrder],
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
        defer { ports.locks.release(directories.lock, for: .run) }
        tidy()
        let ledger: OpenLedger
        do throws(CertbotFailure) {
            ledger = try ready()
        } catch {
            return orders.map { _ in .failed(error) }
        }
        if let failure = await office.account.ensure() {
            for order in orders { ended(order.step, .failed(failure)) }
            return orders.map { _ in .failed(failure) }
        }
        let rehearsal = orders.contains(where: \.isDoubtful) ? await rehearsal() : nil
        return await sideBySide(orders, atMost: settings.concurrency) { order in
            let lineage = order.step.lineage
            progress(Progress(.certificate, lineage, .started))
            let end = await fulfil(order, ledger, order.isDoubtful ? rehearsal : nil, zones: zones) { step in
                progress(Progress(.certificate, lineage, .step(step)))
            }
            ended(order.step, end)
            progress(Progress(.certificate, lineage, .ended(order.step.outcome(end))))
            return end
        }
    }

    private func fulfil(
        _ order: CertificateOrder,
        _ ledger: OpenLedger,
        _ rehearsal: Rehearsal?,
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async -> CertbotAttempt.End {
        if let failure = await rehearsal?.failure(of: order, zones: zones, progress: progress) {
            return .failed(failure)
        }
        return await office.fulfil(order, ledger, zones: zones, progress: progress)
    }
}

extension CertbotWorkshop {
    /// Whether an order that fails is tried against staging the next time.
    var hasStaging: Bool { staging != nil }

    /// Makes sure that what certbots are about to write can be written, and that orders can be noted: an order of which
    /// nothing can be kept is wasted.
    private func ready() throws(CertbotFailure) -> OpenLedger {
        do throws(FileError) {
            try directories.probe()
        } catch {
            throw CertbotFailure("nothing is ordered, for it could not be stored: \(error)", costsNothing: true)
        }
        do throws(LedgerError) {
            return try office.book.open(now: ports.clock.now)
        } catch {
            throw CertbotFailure("nothing is ordered, for it could not be noted: \(error.reason)", costsNothing: true)
        }
    }

    /// Nil where staging cannot be used now.
    private func rehearsal() async -> Rehearsal? {
        guard let staging else { return nil }
        do throws(FileError) {
            try staging.directories.prepareReal()
        } catch {
            return nil
        }
        guard await staging.account.ensure() == nil, let ledger = try? staging.book.open(now: ports.clock.now) else {
            return nil
        }
        return Rehearsal(office: staging, ledger: ledger, files: ports.files)
    }

    /// Takes certbot's lock on the real directory, waiting a while for whoever holds it; returns why it was not got.
    private func takeLock() async -> CertbotFailure? {
        do {
            try directories.prepareReal()
            let deadline = ports.clock.uptime + Self.lockPatience
            while try !ports.locks.take(directories.lock, for: .run) {
                guard ports.clock.uptime < deadline else {
                    let reason = "another certbot is running: it holds \(directories.lock)"
                    return CertbotFailure(reason, costsNothing: true)
                }
                try await ports.clock.sleep(for: Self.lockPause)
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
        guard !directories.leftovers().isEmpty, (try? ports.locks.take(directories.lock, for: .run)) == true else {
            return
        }
        tidy()
        ports.locks.release(directories.lock, for: .run)
    }
}
