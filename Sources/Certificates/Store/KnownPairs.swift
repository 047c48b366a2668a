import Model
import Ports
import Synchronization

/// What each lineage held when its files were last read, and what they looked like then: as long as they look the same,
/// nobody opens them again. Reading a pair takes OpenSSL a hundred times as long as looking at it.
final class KnownPairs: Sendable {
    /// What a lineage's files look like from outside.
    struct Look: Hashable {
        let chain: FileInformation
        let key: FileInformation
        /// Nil where there is none that can be looked at.
        let configuration: FileInformation?

        /// Whether a file written from now on would look different: a file system's clock has ticks, and two writes within
        /// one look alike.
        func isSettled(at now: Timestamp) -> Bool {
            [chain, key, configuration].compactMap(\.self).allSatisfy { now - $0.modified > .seconds(2) }
        }
    }

    private struct Entry {
        let look: Look
        let lineage: LineageOnDisk
    }

    private let entries = Mutex<[String: Entry]>([:])

    func lineage(_ name: String, looking look: Look) -> LineageOnDisk? {
        entries.withLock { $0[name].flatMap { $0.look == look ? $0.lineage : nil } }
    }

    func note(_ lineage: LineageOnDisk, _ name: String, looking look: Look) {
        entries.withLock { $0[name] = Entry(look: look, lineage: lineage) }
    }

    /// Those of lineages that are gone take memory for nothing.
    func keep(only lineages: Set<String>) {
        entries.withLock { $0 = $0.filter { lineages.contains($0.key) } }
    }
}
