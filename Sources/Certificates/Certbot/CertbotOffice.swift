import DNS
import Files
import Log
import Model
import Processes
import Timing

/// Everything for ordering at one authority: its account, its certbots and its ledger.
struct CertbotOffice {
    let settings: CertbotSettings
    let directories: CertbotDirectories
    let account: CertbotAccount
    let book: LedgerBook
    private let attempt: CertbotAttempt
    private let clock: any Clock
    private let log: Logger

    init(settings: CertbotSettings, desk: ChallengeDesk, book: LedgerBook, ports: CertbotPorts, log: Logger) {
        let directories = CertbotDirectories(settings: settings, files: ports.files)
        (self.settings, self.directories, self.book) = (settings, directories, book)
        account = CertbotAccount(
            settings: settings,
            directories: directories,
            files: ports.files,
            processes: ports.processes,
            clock: ports.clock
        )
        attempt = CertbotAttempt(
            settings: settings,
            directories: directories,
            store: CertificateStore(
                directory: settings.configDirectory,
                files: ports.files,
                keys: ports.keys,
                clock: ports.clock
            ),
            files: ports.files,
            processes: ports.processes,
            desk: desk,
            clock: ports.clock
        )
        clock = ports.clock
        self.log = log
    }

    /// Orders until there is a certificate or a failure that will not pass by itself.
    func fulfil(
        _ order: CertificateOrder,
        _ ledger: OpenLedger,
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async -> CertbotAttempt.End {
        var end = CertbotAttempt.End.failed(
            CertbotFailure("Landfall stopped before it was ordered", costsNothing: true)
        )
        for _ in 0..<CertbotFailure.tries where !Task.isCancelled {
            end = await once(order, ledger, zones: zones, progress: progress)
            guard case .failed(let failure) = end, failure.isTransient else { break }
            log.info(
                "certbot failed and is tried again",
                ["certificate.name": order.step.lineage, "error.message": failure.reason]
            )
        }
        return end
    }

    private func once(
        _ order: CertificateOrder,
        _ ledger: OpenLedger,
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) async -> CertbotAttempt.End {
        let entry = order.entry(at: clock.now)
        do throws(LedgerError) {
            try ledger.enter(entry, isUrgent: order.isUrgent)
        } catch {
            return .failed(CertbotFailure(error.reason, costsNothing: true))
        }
        let end = await attempt.order(order.step.lineage, order.step.names, zones: zones, progress: progress)
        ledger.settle(entry, end.trace)
        return end
    }
}

extension CertbotAttempt.End {
    fileprivate var trace: OrderTrace {
        switch self {
        case .issued: .certificate
        case .failed(let failure): failure.trace
        }
    }
}

/// The outside as certbot's surroundings need it.
struct CertbotPorts {
    let files: any Files
    let keys: any KeyFiles
    let locks: any RecordLocks
    let processes: any ProcessRunner
    let clock: any Clock
}
