import Log
import Model
import Ports

/// Certbots that live on because the Landfall that started them was killed.
///
/// They end by themselves: a hook that finds no daemon, or one that does not know its token, ends its certbot, and one past
/// its challenges stores its certificate. That takes seconds, so it is awaited in the run, before anything is decided: the
/// disk then shows what they did, and no second certbot orders what the first one is about to store. Another run soon
/// would see no more, and leave their hosts without a certificate until then.
struct CertbotOrphans {
    /// Of a certbot that the authority keeps waiting, the next run has a look again: it must not hold up the others' for long.
    private static let patience = Duration.seconds(60)
    private static let pause = Duration.milliseconds(500)

    let directories: CertbotDirectories
    let locks: any RecordLocks
    let clock: any Clock
    let log: Logger

    /// Lineages on which one is at work.
    var lineages: [String] { directories.leftovers().filter(isAtWork) }

    func isAtWork(on lineage: String) -> Bool {
        // A lock that cannot be looked at is taken for held.
        (try? locks.isHeldElsewhere(directories.directory(for: lineage).lock, for: .certificate(lineage))) ?? true
    }

    /// Returns when the last one has ended, or after a while.
    func awaitEnd() async {
        let found = lineages
        guard !found.isEmpty else { return }
        log.warning(
            "waiting for certbot processes of an earlier Landfall that was killed",
            [.certificate: .strings(found)]
        )
        // The kernel took it back when their daemon died, and they still write there.
        let isLocked = (try? locks.take(directories.lock, for: .run)) == true
        defer { if isLocked { locks.release(directories.lock, for: .run) } }
        let deadline = clock.uptime + Self.patience
        while !lineages.isEmpty, clock.uptime < deadline {
            guard (try? await clock.sleep(for: Self.pause)) != nil else { return }
        }
    }

    /// Why a lineage is left alone.
    func reason(toLeave lineage: String) -> String {
        "a certbot of an earlier run is still at work on it: it holds \(directories.directory(for: lineage).lock)"
    }
}
