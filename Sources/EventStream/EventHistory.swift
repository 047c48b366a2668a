package import Model

/// What is remembered of events across reconnections and restarts: where to resume, and which were seen already. Events are
/// distinguished by identity, never by time: the old events that a restarted manager sends as new ones count.
package struct EventHistory: Sendable {
    struct Key: Hashable, Sendable, Codable {
        let type: String
        let id: String
        let action: String
        let time: Timestamp
    }

    /// An engine replays 256 events at most.
    static let capacity = 1024
    private static let earliest = Timestamp(nanoseconds: 0)

    /// Of the last event, and never later than when it came: the engine's clock may be ahead.
    private(set) var latest: Timestamp?
    private var seen: Set<Key> = []
    /// In order of arrival.
    private var order: [Key] = []
    /// Whether there is more than `record` last returned.
    private var isUnsaved = false

    package init() {}

    /// Whether the event is new; from now on it is known.
    package mutating func isNew(_ event: EngineEvent, at now: Timestamp) -> Bool {
        let key = Key(type: event.type, id: event.id, action: event.action, time: event.time)
        guard seen.insert(key).inserted else { return false }
        latest = max(latest ?? Self.earliest, min(event.time, now))
        isUnsaved = true
        if order.count == Self.capacity { seen.remove(order.removeFirst()) }
        order.append(key)
        return true
    }

    /// Where to subscribe from; nil when no event was ever seen.
    func start(margin: Duration) -> Timestamp? { latest.map { max(Self.earliest, $0 - margin) } }

    /// What a restart needs: it subscribes from `margin` before the last event, so it is sent those since then again.
    struct Record: Sendable, Codable {
        let latest: Timestamp
        let seen: [Key]
    }

    /// What came since the last time; nil when nothing did.
    mutating func record(margin: Duration) -> Record? {
        guard isUnsaved, let latest, let start = start(margin: margin) else { return nil }
        isUnsaved = false
        return Record(latest: latest, seen: order.filter { $0.time >= start })
    }

    /// A clock that was set back since must not make it wait for the future.
    init(_ record: Record, at now: Timestamp) {
        latest = min(record.latest, now)
        order = Array(record.seen.prefix(Self.capacity))
        seen = Set(order)
    }
}
