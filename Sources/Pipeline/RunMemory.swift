import DNS
import Discovery
import Model
import Records
import Report
import State
import Synchronization

/// What the last run that read everything found. After an event that changes nothing desired, only the engine and the disk
/// are read, so a service that restarts again and again does not use up the API budget.
final class RunMemory: Sendable {
    struct Look: Sendable {
        let discovered: Discovered
        var zones: ZoneDirectory
        let records: [RecordReport]
        /// Those that wait for confirmation.
        let deletions: Deletions?
        /// Why records could not be read or written.
        let problems: [Report.Problem]
    }

    private let last = Mutex<Look?>(nil)

    /// Nil if something else is desired than when everything was last read.
    func recall(_ discovered: Discovered) -> Look? { last.withLock { $0?.discovered == discovered ? $0 : nil } }

    /// - Parameter sawAll: false when something could not be read. Then the zones stay as they were, and all is forgotten if
    ///   something else is desired.
    func save(_ look: Look, sawAll: Bool) {
        last.withLock { last in
            let known = last?.discovered == look.discovered ? last : nil
            last = sawAll || known != nil ? look : nil
            if !sawAll, let known { last?.zones = known.zones }
        }
    }
}

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
