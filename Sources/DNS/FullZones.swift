package import Model
import Synchronization

/// The zones that have refused a record because they hold as many as they may. Providers seldom tell the limit beforehand, so
/// a refusal is remembered: until there is room again, one run makes one try, and not one for each record.
package final class FullZones: Sendable {
    /// What is remembered of a zone, also from one process to the next.
    package struct Entry: Hashable, Sendable, Codable {
        let provider: String
        /// Why the provider refused a record, in its own words.
        let words: String
        /// How many records the zone held then.
        var count: Int?
        /// How many it may hold; nil where the provider does not tell.
        var limit: Int?
        let learnt: Timestamp

        /// How many more it takes; nil where only a try can tell.
        var room: Int? { limit.map { max(0, $0 - (count ?? 0)) } }
    }

    /// After this long the zone is tried anew, whatever is known.
    private static let memory = Duration.seconds(86_400)

    private struct State {
        var entries: [DomainName: Entry]
        /// How many records each zone held when it was last read.
        var counts: [DomainName: Int] = [:]
    }

    private let state: Mutex<State>
    private let now: Timestamp

    package init(_ entries: [DomainName: Entry] = [:], now: Timestamp = Timestamp(seconds: 0)) {
        // One that is still to come was noted by a clock that has been set back since.
        let current = entries.filter { $0.value.learnt <= now && now < $0.value.learnt + Self.memory }
        state = Mutex(State(entries: current))
        self.now = now
    }

    package var entries: [DomainName: Entry] { state.withLock(\.entries) }

    /// How many records a run may try to add to a zone at once: one if only a try can tell; nil for any number.
    package func room(of zone: DomainName) -> Int? { state.withLock { $0.entries[zone] }.map { $0.room ?? 1 } }

    /// Why no record can be added to a zone, a sentence; nil where one can, as far as is known.
    package func reason(of zone: DomainName) -> String? {
        let entry = state.withLock { $0.entries[zone] }
        return entry?.room ?? 0 > 0 ? nil : sentence(of: zone)
    }

    /// Why a zone has refused a record, a sentence; nil where it has not.
    package func sentence(of zone: DomainName) -> String? {
        guard let entry = state.withLock({ $0.entries[zone] }) else { return nil }
        return
            "the zone \(zone) is full: \(entry.provider) says `\(entry.words)`; delete records there that are no longer "
            + "needed, or choose a larger plan"
    }

    /// How many records a zone holds that has refused one, as far as it is known.
    package func usage(of zone: DomainName) -> ZoneUsage? {
        guard let entry = state.withLock({ $0.entries[zone] }), let count = entry.count else { return nil }
        return ZoneUsage(zone: zone, records: count, limit: entry.limit)
    }

    /// Notes that a zone has refused a record, and asks how many it may hold.
    package func note(_ place: ZoneDirectory.Entry, _ words: String) async {
        let usage = await place.provider.usage(of: place.zone)
        state.withLock { state in
            state.entries[place.zone.name] = Entry(
                provider: place.provider.name,
                words: sanitized(words, limit: 200),
                count: usage?.records ?? state.counts[place.zone.name],
                limit: usage?.limit,
                learnt: now
            )
        }
    }

    /// Notes that a zone has taken records. If it was not known whether it would, it is not full.
    package func noteTaken(_ records: Int, by zone: DomainName) {
        state.withLock { state in
            guard var entry = state.entries[zone] else { return }
            entry.count = (entry.count ?? 0).saturatingAdding(records)
            state.entries[zone] = entry.limit == nil ? nil : entry
        }
    }

    /// Looks whether a zone that was full has room again.
    func update(_ place: ZoneDirectory.Entry, count: Int?) async {
        let name = place.zone.name
        let known = state.withLock { state in
            state.counts[name] = count
            return state.entries[name]
        }
        guard var entry = known else { return }
        if let usage = await place.provider.usage(of: place.zone), let limit = usage.limit {
            (entry.count, entry.limit) = (usage.records, limit)
            state.withLock { $0.entries[name] = entry }
        } else if let count, let earlier = entry.count, count < earlier {
            state.withLock { $0.entries[name] = nil }
        }
    }
}
