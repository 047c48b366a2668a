import DNS
import Discovery
package import Model
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
        /// The names at which this instance has a record; nil where no records are written.
        let ownNames: Set<DomainName>?
        /// Those that wait for confirmation.
        let deletions: Deletions?
        /// Where the zones end that were read.
        let cuts: [DomainName: ZoneCuts]
        /// What a person should know of the records.
        let hints: [Hint]
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

    /// By the providers' names. Without them every name waits for a provider that cannot be read, and no zone is missed.
    func load() -> [String: Set<DomainName>] { zones.allIfReadable().mapValues { Set($0) } }

    /// Adds what was read just now. A zone that is gone stays, until another provider has it or a person lets it go. A store
    /// that cannot be written says so itself.
    ///
    /// - Parameter insiders: the names of the internal view's providers; a zone moves only within a view.
    func save(_ directory: ZoneDirectory, _ insiders: Set<String> = [], forgetting forgotten: Set<DomainName> = []) {
        let inside = directory.internal
        var known = load().mapValues { $0.subtracting(forgotten) }
        for (name, zones) in known {
            let view = insiders.contains(name) ? inside : directory
            // While a provider cannot be read, what another one has may still be its own as well.
            guard let view, view.failures.isEmpty else { continue }
            known[name] = zones.subtracting(view.entries.map(\.zone.name))
        }
        for entry in directory.entries + (inside?.entries ?? []) {
            known[entry.provider.name, default: []].insert(entry.zone.name)
        }
        try? zones.commit(known.mapValues { $0.isEmpty ? nil : $0.sorted() })
    }
}

/// The zones that hold no more records.
struct FullZoneStore {
    private let zones: StateStore.Namespace<FullZones.Entry>

    init(state: StateStore, of view: View = .public) {
        zones = StateStore.Namespace(view == .public ? "full-zones" : "full-zones/\(view.rawValue)", in: state)
    }

    func load(at now: Timestamp) -> FullZones {
        let known = zones.allIfReadable().compactMap { name, entry in (try? DomainName(name)).map { ($0, entry) } }
        return FullZones(Dictionary(known) { first, _ in first }, now: now)
    }

    /// One that stays behind costs a try.
    func save(_ full: FullZones) {
        let (old, new) = (zones.allIfReadable(), full.entries)
        var changes = Dictionary(old.keys.map { ($0, FullZones.Entry?.none) }) { first, _ in first }
        for (zone, entry) in new { changes[zone.text] = entry }
        changes = changes.filter { old[$0.key] != $0.value }
        if !changes.isEmpty { try? zones.commit(changes) }
    }
}

/// What a person confirms who lets a zone go that no provider lists any more: `forget-zone:ZONE`.
package enum ZoneConfirmation {
    private static let prefix = "forget-zone:"

    package static func text(of zone: DomainName) -> String { prefix + zone.text }

    static func zones(in confirmations: [String]) -> Set<DomainName> {
        Set(confirmations.filter { $0.hasPrefix(prefix) }.compactMap { try? DomainName($0.dropFirst(prefix.count)) })
    }
}
