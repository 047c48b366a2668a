import DNS
import Model
import Ports
import State

/// Which zones each provider had when it was last read: while it cannot be, a name may lie in one of them, and any other
/// need not wait.
struct ZoneStore {
    private static let room = "zones"
    let state: StateStore

    /// By the providers' names. Without a memory every name waits for a provider that cannot be read.
    func recall() -> [String: Set<DomainName>] {
        let facts = (try? state.facts(in: Self.room)) ?? [:]
        return facts.mapValues { Set($0.split(separator: " ").compactMap { try? DomainName($0) }) }
    }

    /// Remembers what was read just now. A store that cannot be written says so itself.
    func note(_ zones: ZoneDirectory) {
        let known = (try? state.facts(in: Self.room)) ?? [:]
        let seen = Dictionary(grouping: zones.entries, by: \.provider.name)
            .mapValues { $0.map(\.zone.name.text).sorted().joined(separator: " ") }
        try? state.commit(seen.filter { known[$0.key] != $0.value }.mapValues { $0 }, in: Self.room)
    }
}
