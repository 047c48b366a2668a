import FoundationEssentials
import Model
import State

/// Keeps an `EventMemory` in the store.
struct MemoryStore: Sendable {
    private static let room = "events"
    private static let key = "memory"

    let state: StateStore

    /// A new one where none is kept, or none that can be read: the engine then sends some events twice, which costs a run.
    func load(at now: Timestamp) -> EventMemory {
        guard let text = try? state.fact(Self.key, in: Self.room),
            let record = try? JSONDecoder().decode(EventMemory.Record.self, from: Data(text.utf8))
        else { return EventMemory() }
        return EventMemory(record, at: now)
    }

    /// What could not be written is remembered by the store, and its trouble is in every run's report.
    func save(_ record: EventMemory.Record) {
        guard let data = try? JSONEncoder().encode(record) else { return }
        try? state.commit([Self.key: String(decoding: data, as: UTF8.self)], in: Self.room)
    }
}
