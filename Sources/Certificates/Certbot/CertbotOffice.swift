import DNS
import Log
import Model
import Ports

/// Everything for ordering at one authority: its accounts, its certbots and its ledger.
struct CertbotOffice {
    let settings: CertbotSettings
    let directories: CertbotDirectories
    let book: RateLimitStore
    let store: CertificateStore
    private let accounts: CertbotAccounts
    private let attempt: CertbotRun
    private let clock: any Clock
    private let log: Logger

    init(settings: CertbotSettings, desk: DNS01Solver, book: RateLimitStore, ports: CertbotPorts, log: Logger) {
        let directories = CertbotDirectories(settings: settings, files: ports.files)
        let store = CertificateStore(
            directory: settings.configDirectory,
            files: ports.files,
            keys: ports.keys,
            clock: ports.clock
        )
        (self.settings, self.directories, self.book, self.store) = (settings, directories, book, store)
        accounts = CertbotAccounts(
            settings: settings,
            directories: directories,
            files: ports.files,
            processes: ports.processes,
            clock: ports.clock
        )
        attempt = CertbotRun(
            settings: settings,
            directories: directories,
            store: store,
            files: ports.files,
            processes: ports.processes,
            desk: desk,
            clock: ports.clock
        )
        (clock, self.log) = (ports.clock, log)
    }

    /// Makes sure that what certbots are about to write can be written, that orders can be noted – an order of which
    /// nothing can be kept is wasted –, and that there is an account.
    func open() async throws(CertbotFailure) -> OpenOffice {
        do throws(FileError) {
            try directories.probe()
        } catch {
            throw CertbotFailure("nothing is ordered, for it could not be stored: \(error)", costsNothing: true)
        }
        let ledger: OpenRateLimiter
        do throws(RateLimitStoreError) {
            ledger = try book.open(now: clock.now)
        } catch {
            throw CertbotFailure("nothing is ordered, for it could not be noted: \(error.reason)", costsNothing: true)
        }
        return OpenOffice(office: self, ledger: ledger, accounts: try await accounts.ensured())
    }

    /// Orders until there is a certificate or a failure that will not pass by itself.
    fileprivate func fulfil(
        _ order: CertificateOrder,
        _ open: OpenOffice,
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async -> CertbotRun.End {
        let account = accounts.choice(for: order.step.lineage, among: open.accounts)
        var end = CertbotRun.End.failed(
            CertbotFailure("Landfall stopped before it was ordered", costsNothing: true)
        )
        for _ in 0..<CertbotFailure.tries where !Task.isCancelled {
            end = await once(order, account, open.ledger, zones: zones, progress: progress)
            guard case .failed(let failure) = end, failure.isTransient else { break }
            log.info(
                "certbot failed; trying again",
                [.certificate: .string(order.step.lineage), .error: .string(failure.reason)]
            )
        }
        return end
    }

    private func once(
        _ order: CertificateOrder,
        _ account: String?,
        _ ledger: OpenRateLimiter,
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async -> CertbotRun.End {
        let entry = order.entry(at: clock.now)
        do throws(RateLimitStoreError) {
            try ledger.enter(entry, isUrgent: order.isUrgent)
        } catch {
            return .failed(CertbotFailure(error.reason, costsNothing: true))
        }
        let step = order.step
        let end = await attempt.order(step.lineage, step.names, account: account, zones: zones, progress: progress)
        ledger.settle(entry, end.trace)
        return end
    }
}

/// An office that is ready for orders, for one run.
struct OpenOffice {
    let office: CertbotOffice
    fileprivate let ledger: OpenRateLimiter
    /// Those that can be ordered with: never none.
    fileprivate let accounts: [String]

    func fulfil(
        _ order: CertificateOrder,
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async -> CertbotRun.End {
        await office.fulfil(order, self, zones: zones, progress: progress)
    }
}

extension CertbotRun.End {
    fileprivate var trace: OrderTrace {
        switch self {
        case .issued: .certificate
        case .failed(let failure): failure.trace
        }
    }
}
