import FoundationEssentials
import Model
import State

/// Keeps an `EventHistory` in the store.
struct EventHistoryStore: Sendable {
    private static let room = "events"
    private static let key = "history"

    let state: StateStore

    /// A new one where none is kept, or none that can be read: the engine then sends some events twice, which costs a run.
    func load(at now: Timestamp) -> EventHistory {
        guard let text = try? state.fact(Self.key, in: Self.room),
            let record = try? JSONDecoder().decode(EventHistory.Record.self, from: Data(text.utf8))
        else { return EventHistory() }
        return EventHistory(record, at: now)
    }

    /// What could not be written is remembered by the store, and its trouble is in every run's report.
    func save(_ record: EventHistory.Record) {
        guard let data = try? JSONEncoder().encode(record) else { return }
        try? state.commit([Self.key: String(decoding: data, as: UTF8.self)], in: Self.room)
    }
}
