import Files
import Log
import Model
import Timing

extension CertbotWorkshop {
    /// How long another certbot, such as a timer's, is waited for.
    private static let lockPatience = Duration.seconds(30)
    private static let lockPause = Duration.milliseconds(500)

    /// certbot's own, on the real directory.
    var lock: String { office.directories.lock }

    /// Takes certbot's lock on the real directory, waiting a while for whoever holds it: a timer's certbot, or another
    /// Landfall.
    ///
    /// - Returns: What that one got meanwhile of what is ordered, by lineage.
    func takeLock(
        for orders: [CertificateStep],
        progress: ProgressHandler
    ) async throws(CertbotFailure) -> [String: CertificateOnDisk] {
        do {
            try office.directories.prepareReal()
            guard try !ports.locks.take(lock, for: .run) else { return [:] }
            let before = orders.map { Sight(of: $0.lineage, in: office.store) }
            log.info("waiting for another certbot", ["file.path": lock])
            for order in orders {
                progress(Progress(.certificate, order.lineage, .step("waiting for another certbot")))
            }
            try await awaitLock()
            return gains(of: orders, since: before)
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

    private func gains(of orders: [CertificateStep], since before: [Sight]) -> [String: CertificateOnDisk] {
        var gained: [String: CertificateOnDisk] = [:]
        for (order, sight) in zip(orders, before) {
            let now = Sight(of: order.lineage, in: office.store)
            if case .issued(let certificate) = now.verdict(since: sight, names: order.names, now: ports.clock.now) {
                gained[order.lineage] = certificate
            }
        }
        return gained
    }
}
