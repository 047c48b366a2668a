package import Model
package import Ports
package import State
import Synchronization

/// Stores which records Landfall created, and for how long no label has requested them.
package final class OwnedRecordStore: Sendable {
    private let store: StateStore.Namespace<OwnedRecordStatus>
    private let clock: any Clock
    /// When this process last made a complete read; nil when there was none, or an incomplete one since.
    private let lastCompleteRead = Mutex<Duration?>(nil)

    package init(state: StateStore, clock: any Clock, of view: View = .public) {
        store = StateStore.Namespace(view == .public ? "owned-records" : "owned-records/\(view.rawValue)", in: state)
        self.clock = clock
    }

    /// What is stored, at the time of a read that ends now.
    func load() -> OwnedRecordSnapshot {
        let now = clock.uptime
        let elapsed = lastCompleteRead.withLock { last in last.map { now - $0 } }
        return OwnedRecordSnapshot(records: store.observation(), elapsed: elapsed, readAt: now)
    }

    /// Saves what a read found, before anything is done about it.
    func save(_ changes: OwnedRecordChanges) {
        lastCompleteRead.withLock { $0 = changes.completeReadAt }
        try? store.commit(changes.records)
    }

    /// The time until the next complete read does not count.
    func markReadIncomplete() { lastCompleteRead.withLock { $0 = nil } }
}

/// What is stored about the records that Landfall created, at the time of a read.
struct OwnedRecordSnapshot: Sendable {
    /// By `OwnedRecord.key`.
    let records: Observation<[String: OwnedRecordStatus]>
    /// Time since this process last made a complete read.
    let elapsed: Duration?
    /// The clock's `uptime`.
    let readAt: Duration

    /// Names of the zones in which Landfall created records.
    var zones: Set<Substring> { Set((records.value ?? [:]).keys.map { $0.prefix { $0 != " " } }) }
}

/// What a read changes in the `OwnedRecordStore`.
struct OwnedRecordChanges: Sendable {
    /// A nil value is removed.
    var records: [String: OwnedRecordStatus?] = [:]
    /// The clock's `uptime` if the read was complete.
    var completeReadAt: Duration?
}

/// What is stored about a record that Landfall created: which services requested it last, and for how long none has.
struct OwnedRecordStatus: Hashable, Sendable, Codable {
    private var milliseconds: Int64 = 0
    private var reads = 0
    /// `service web`; empty when they are not known.
    private(set) var requesters: [String] = []

    init(unreferenced: UnreferencedTime = UnreferencedTime(), requesters: [String] = []) {
        self.requesters = requesters
        self.unreferenced = unreferenced
    }

    var unreferenced: UnreferencedTime {
        get { UnreferencedTime(seen: .milliseconds(milliseconds), reads: reads) }
        set { (milliseconds, reads) = (newValue.seen.milliseconds, newValue.reads) }
    }
}

/// For how long no label has requested a record that Landfall created. Pure.
///
/// Only time between two complete reads of one process counts, so neither a clock that jumps nor a pause of Landfall makes
/// it longer.
struct UnreferencedTime: Hashable, Sendable {
    static let minimumReads = 3

    private(set) var seen: Duration
    private(set) var reads: Int

    init(seen: Duration = .zero, reads: Int = 0) { (self.seen, self.reads) = (max(.zero, seen), max(0, reads)) }

    /// Counts one more complete read.
    ///
    /// - Parameter elapsed: since this process's last complete read, if the reads since were complete.
    mutating func observe(after elapsed: Duration?) {
        if reads > 0, let elapsed { seen += max(.zero, elapsed) }
        reads = reads.saturatingAdding(1)
    }

    func isOver(after grace: Duration) -> Bool { reads >= Self.minimumReads && seen >= grace }
}
