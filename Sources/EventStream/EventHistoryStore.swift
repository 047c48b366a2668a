import Model
import State

/// Stores the `EventHistory`, so that a restart resumes where the last process stopped.
struct EventHistoryStore: Sendable {
    private static let key = "history"

    private let store: StateStore.Namespace<EventHistory.Record>

    init(state: StateStore) {
        store = StateStore.Namespace("events", in: state)
    }

    /// A new history if none can be read: the engine then sends some events twice, which costs a run.
    func load(at now: Timestamp) -> EventHistory {
        (try? store.load(Self.key)).map { EventHistory($0, at: now) } ?? EventHistory()
    }

    func save(_ record: EventHistory.Record) {
        try? store.save(record, for: Self.key)
    }
}
