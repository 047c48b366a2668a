import Model
import State

/// The latest time that a run has seen, in the state store's room `clock`. A clock that went back a day or more since is
/// not gone by, until it has run on for an hour: then the earlier time was the wrong one.
struct ClockStore: Hashable {
    private static let tolerance = Duration.seconds(86_400)
    private static let trial = Duration.seconds(3600)
    /// A time is not written down more often.
    private static let grain = Duration.seconds(3600)
    private static let room = "clock"

    private(set) var latest: Timestamp?
    /// When the clock that went back was seen first, by that clock.
    private(set) var doubtedSince: Timestamp?

    init(latest: Timestamp? = nil, doubtedSince: Timestamp? = nil) {
        (self.latest, self.doubtedSince) = (latest, doubtedSince)
    }

    init(_ state: StateStore) {
        let facts = ((try? state.facts(in: Self.room)) ?? [:]).compactMapValues { Int64($0) }
        self.init(
            latest: facts["latest"].map { Timestamp(seconds: $0) },
            doubtedSince: facts["doubtedSince"].map { Timestamp(seconds: $0) }
        )
    }

    /// Why the clock is not gone by; nil when it is.
    func trouble(at now: Timestamp) -> String? {
        guard let latest, latest - now > Self.tolerance, !isTrusted(now) else { return nil }
        return "this machine's clock says \(now.day), yet it was \(latest.day) already"
    }

    private func isTrusted(_ now: Timestamp) -> Bool {
        doubtedSince.map { now - $0 >= Self.trial } ?? false
    }

    /// As it is to be remembered after a run at `now`.
    func noting(_ now: Timestamp) -> ClockStore {
        guard let latest else { return ClockStore(latest: now) }
        if latest - now > Self.tolerance {
            if isTrusted(now) { return ClockStore(latest: now) }
            let since = doubtedSince.map { min($0, now) } ?? now
            return ClockStore(latest: latest, doubtedSince: since)
        }
        return ClockStore(latest: now - latest >= Self.grain ? now : latest)
    }

    /// Remembers it, where that says something new.
    func replace(_ old: ClockStore, in state: StateStore) {
        guard self != old else { return }
        let changes = ["latest": latest, "doubtedSince": doubtedSince].mapValues { $0.map { "\($0.seconds)" } }
        try? state.commit(changes, in: Self.room)
    }
}
