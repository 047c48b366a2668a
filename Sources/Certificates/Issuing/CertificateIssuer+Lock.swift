import Log
import Model
import Ports

/// certbot's lock on the real directory, and what interrupted runs left.
extension CertificateIssuer {
    /// How long another certbot, such as a timer's, is waited for.
    private static let lockTimeout = Duration.seconds(30)
    /// How long orphans are waited for: one that the authority keeps waiting must not hold up the others for long.
    private static let orphanTimeout = Duration.seconds(60)
    private static let pollInterval = Duration.milliseconds(500)

    private var ports: CertbotPorts { context.ports }
    private var directories: CertbotDirectories { context.directories }

    /// Takes certbot's lock on the real directory, waiting a while for another certbot or another Landfall.
    ///
    /// - Parameter seen: what the disk held when the orders were decided; nil where it was not read.
    /// - Returns: The ordered certificates that the other one got since then, by lineage.
    func takeLock(
        for orders: [CertificateOrder],
        seen: [String: LineageOnDisk]?,
        progress: ProgressHandler
    ) async throws(IssuanceError) -> [String: CertificateOnDisk] {
        do {
            try directories.prepareReal()
            if try !ports.files.lock(directories.lock, for: .run) {
                log.info("waiting for another certbot", [.file: .string(directories.lock)])
                for order in orders {
                    progress(Progress(.certificate, order.lineage, .step("waiting for another certbot")))
                }
                try await awaitLock()
            }
            return seen.map { newCertificates(for: orders, since: $0) } ?? [:]
        } catch let error as IssuanceError {
            throw error
        } catch let error as FileError {
            throw .free("\(error)")
        } catch {
            throw .stopped
        }
    }

    func releaseLock() { ports.files.unlock(directories.lock, for: .run) }

    private func awaitLock() async throws {
        let deadline = ports.clock.uptime + Self.lockTimeout
        while try !ports.files.lock(directories.lock, for: .run) {
            guard ports.clock.uptime < deadline else {
                throw IssuanceError.free("another certbot is running: it holds \(directories.lock)")
            }
            try await ports.clock.sleep(for: Self.pollInterval)
        }
    }

    private func newCertificates(
        for orders: [CertificateOrder],
        since seen: [String: LineageOnDisk]
    ) -> [String: CertificateOnDisk] {
        var found: [String: CertificateOnDisk] = [:]
        for order in orders {
            let now = LineageSnapshot(of: order.lineage, in: store)
            let verdict = now.verdict(since: now.before(in: seen), names: order.names, now: ports.clock.now)
            guard case .issued(let certificate) = verdict else { continue }
            let replaced = seen[order.lineage]?.usable?.notAfter
            // A plain certbot may have made an old one current.
            if replaced.map({ certificate.notAfter >= $0 }) ?? true { found[order.lineage] = certificate }
        }
        return found
    }

    /// Removes the logs of a certbot that failed, when its lineage is no longer requested.
    func removeLogs(of lineage: String) {
        try? ports.files.remove(directories.directory(for: lineage).logs, for: .certificate(lineage))
    }

    func removeLeftovers() {
        for name in directories.leftovers() where !isBusy(name) {
            do {
                try directories.dispose(name, removingLogs: false)
            } catch {
                log.warning("cannot remove the folder of an earlier run", [.error: "\(error)"])
            }
        }
    }

    /// The same when nothing is ordered: then no other certbot is waited for.
    func removeLeftoversIfUnlocked() {
        guard !directories.leftovers().isEmpty, (try? ports.files.lock(directories.lock, for: .run)) == true else {
            return
        }
        removeLeftovers()
        releaseLock()
    }
}

/// Orphans: certbots that live on because the Landfall that started them was killed.
///
/// They end by themselves within seconds: a hook that finds no daemon, or one that does not know its token, ends its
/// certbot, and a certbot past its challenges stores its certificate. A run therefore waits for them before it reads
/// the disk, so that no second certbot orders the same.
extension CertificateIssuer {
    /// Lineages on which an orphan is at work.
    var busyLineages: [String] { directories.leftovers().filter(isBusy) }

    @Sendable func isBusy(_ lineage: String) -> Bool {
        // A lock that cannot be checked counts as held.
        (try? ports.files.isLockedElsewhere(directories.directory(for: lineage).lock, for: .certificate(lineage)))
            ?? true
    }

    /// Returns when the last orphan has ended, or after a minute.
    func awaitOrphans() async {
        let found = busyLineages
        guard !found.isEmpty else { return }
        log.warning("waiting for certbot processes orphaned by a killed Landfall", [.certificate: .strings(found)])
        // The kernel released the lock when their daemon died, and they still write there.
        let isLocked = (try? ports.files.lock(directories.lock, for: .run)) == true
        defer { if isLocked { releaseLock() } }
        let deadline = ports.clock.uptime + Self.orphanTimeout
        while !busyLineages.isEmpty, ports.clock.uptime < deadline {
            guard (try? await ports.clock.sleep(for: Self.pollInterval)) != nil else { return }
        }
    }

    func reasonForWaiting(for lineage: String) -> String {
        "a certbot of an earlier run is still at work on it: it holds \(directories.directory(for: lineage).lock)"
    }
}
