import Model

/// What is remembered of events across reconnections: where to resume, and which were seen, for a replay repeats some.
///
/// Events are told apart by identity, never by being late: a manager that restarted sends old events as new ones, and they
/// count.
struct EventMemory: Sendable {
    private struct Key: Hashable, Sendable {
        let type: String
        let id: String
        let action: String
        let time: Timestamp
    }

    /// An engine replays 256 events at most.
    private static let capacity = 1024

    private(set) var latest: Timestamp?
    private var seen: Set<Key> = []
    /// In order of arrival; a ring once it is full.
    private var order: [Key] = []
    private var oldest = 0

    /// Whether the event is new; from now on it is known.
    mutating func isNew(_ event: EngineEvent) -> Bool {
        let key = Key(type: event.type, id: event.id, action: event.action, time: event.time)
        guard seen.insert(key).inserted else { return false }
        latest = max(latest ?? event.time, event.time)
        if order.count < Self.capacity {
            order.append(key)
        } else {
            seen.remove(order[oldest])
            order[oldest] = key
            oldest = (oldest + 1) % Self.capacity
        }
        return true
    }
}
