import Model
import State

/// Whether this machine's clock is right. One that went back a day or more is not, until it has run on for an hour:
/// then the earlier time was the wrong one. One that went ahead as much may be right, if there was no run for so long;
/// it may as well have been set to next year, when every certificate is due and no order counts any more.
struct ClockHistory: Hashable {
    static let tolerance = Duration.seconds(86_400)
    private static let trial = Duration.seconds(3600)
    /// A later time is stored once in so long.
    private static let interval = Duration.seconds(3600)

    var latest: Timestamp?
    /// When the clock that went back was seen first, by that clock.
    var doubtedSince: Timestamp?

    /// Why the clock is not believed; nil when it is.
    func reasonForDoubt(at now: Timestamp) -> String? {
        guard let latest, latest - now > Self.tolerance, !isTrusted(now) else { return nil }
        return "this machine's clock says \(now.day), but it was already \(latest.day)"
    }

    /// Whether it went ahead since the last run, so that the authority has to confirm it.
    func hasJumped(at now: Timestamp) -> Bool { latest.map { now - $0 > Self.tolerance } ?? false }

    private func isTrusted(_ now: Timestamp) -> Bool { doubtedSince.map { now - $0 >= Self.trial } ?? false }

    func adding(_ now: Timestamp) -> ClockHistory {
        guard let latest else { return ClockHistory(latest: now) }
        if latest - now > Self.tolerance {
            if isTrusted(now) { return ClockHistory(latest: now) }
            return ClockHistory(latest: latest, doubtedSince: doubtedSince.map { min($0, now) } ?? now)
        }
        return ClockHistory(latest: now - latest >= Self.interval ? now : latest)
    }
}

/// Keeps the latest time that a run has seen, in seconds since 1970.
struct ClockStore {
    private let namespace: StateStore.Namespace<Int64>

    init(state: StateStore) { namespace = StateStore.Namespace("clock", in: state) }

    func load() -> ClockHistory {
        let times = namespace.allIfReadable().mapValues { Timestamp(seconds: $0) }
        return ClockHistory(latest: times["latest"], doubtedSince: times["doubtedSince"])
    }

    /// Saves the time of a run where it is news. The store itself reports a failure.
    func save(_ now: Timestamp) {
        let (old, new) = (load(), load().adding(now))
        guard new != old else { return }
        try? namespace.commit(["latest": new.latest?.seconds, "doubtedSince": new.doubtedSince?.seconds])
    }
}
