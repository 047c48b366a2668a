import DNS
import Model
import State

/// The zones that each provider had when it was last read: while it cannot be, a name may lie in one of them, and any other
/// need not wait.
struct ZoneStore {
    private let zones: StateStore.Namespace<[DomainName]>

    init(state: StateStore) { zones = StateStore.Namespace("zones", in: state) }

    /// By the providers' names. Without them every name waits for a provider that cannot be read.
    func load() -> [String: Set<DomainName>] { zones.allIfReadable().mapValues { Set($0) } }

    /// Saves what was read just now. A store that cannot be written says so itself.
    func save(_ directory: ZoneDirectory) {
        let read = Dictionary(grouping: directory.entries, by: \.provider.name)
        try? zones.commit(read.mapValues { $0.map(\.zone.name).sorted() })
    }
}
