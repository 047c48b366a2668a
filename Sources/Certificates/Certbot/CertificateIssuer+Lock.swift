import Log
import Model
import Ports

extension CertificateIssuer {
    /// How long another certbot, such as a timer's, is waited for.
    private static let lockPatience = Duration.seconds(30)
    private static let lockPause = Duration.milliseconds(500)

    /// certbot's own, on the real directory.
    var lock: String { office.directories.lock }

    /// Takes certbot's lock on the real directory, waiting a while for whoever holds it: a timer's certbot, or another
    /// Landfall.
    ///
    /// - Parameter seen: what the disk held when the orders were decided upon; nil where nobody looked.
    /// - Returns: What another one got since then of what is ordered, by lineage.
    func takeLock(
        for orders: [CertificateStep],
        seen: [String: LineageOnDisk]?,
        progress: ProgressHandler
    ) async throws(CertbotFailure) -> [String: CertificateOnDisk] {
        do {
            try office.directories.prepareReal()
            if try !ports.locks.take(lock, for: .run) {
                log.info("waiting for another certbot", [.file: .string(lock)])
                for order in orders {
                    progress(Progress(.certificate, order.lineage, .step("waiting for another certbot")))
                }
                try await awaitLock()
            }
            return seen.map { gains(of: orders, since: $0) } ?? [:]
        } catch let error as CertbotFailure {
            throw error
        } catch let error as FileError {
            throw CertbotFailure("\(error)", costsNothing: true)
        } catch {
            throw CertbotFailure("Landfall stopped before it was ordered", costsNothing: true)
        }
    }

    private func awaitLock() async throws {
        let deadline = ports.clock.uptime + Self.lockPatience
        while try !ports.locks.take(lock, for: .run) {
            guard ports.clock.uptime < deadline else {
                let reason = "another certbot is running: it holds \(lock)"
                throw CertbotFailure(reason, costsNothing: true)
            }
            try await ports.clock.sleep(for: Self.lockPause)
        }
    }

    private func gains(
        of orders: [CertificateStep],
        since seen: [String: LineageOnDisk]
    ) -> [String: CertificateOnDisk] {
        var gained: [String: CertificateOnDisk] = [:]
        for order in orders {
            let now = LineageSnapshot(of: order.lineage, in: office.store)
            if case .issued(let certificate) = now.verdict(
                since: now.before(in: seen),
                names: order.names,
                now: ports.clock.now
            ) {
                gained[order.lineage] = certificate
            }
        }
        return gained
    }
}
