import Model
public import Ports
public import State
import Synchronization

/// Remembers, across restarts, which records Landfall made and for how long nobody has asked for them.
public final class OwnedRecordStore: Sendable {
    private static let room = "records"

    private let state: StateStore
    private let clock: any Clock
    /// When this process last saw everything; nil when it has not since it last saw less.
    private let lastSight = Mutex<Duration?>(nil)

    public init(state: StateStore, clock: any Clock) {
        (self.state, self.clock) = (state, clock)
    }

    /// What is remembered as a read that ends now finds it.
    func open() -> OwnedRecordSnapshot {
        let now = clock.uptime
        let elapsed = lastSight.withLock { last in last.map { now - $0 } }
        do throws(StateError) {
            return OwnedRecordSnapshot(notes: .known(try state.facts(in: Self.room)), elapsed: elapsed, readAt: now)
        } catch {
            return OwnedRecordSnapshot(notes: .unavailable(reason: "\(error)"), elapsed: elapsed, readAt: now)
        }
    }

    /// Remembers what a read found, before anything is done about it. A failure is told by the store itself.
    func close(_ changes: [String: String?], sawAllAt time: Duration?) {
        lastSight.withLock { $0 = time }
        try? state.commit(changes, in: Self.room)
    }

    /// Something is not seen: the time until it is seen again counts for nothing.
    func loseSight() {
        lastSight.withLock { $0 = nil }
    }
}

/// What is remembered of the records that Landfall made, at the time of a read.
struct OwnedRecordSnapshot: Sendable {
    /// By `OwnedRecord.key`, as they are stored.
    let notes: Observation<[String: String]>
    /// Since this process last saw everything.
    let elapsed: Duration?
    /// The clock's `uptime`.
    let readAt: Duration

    /// Names of the zones in which something of ours stood.
    var zones: Set<Substring> {
        Set((notes.value ?? [:]).keys.map { $0.prefix { $0 != " " } })
    }
}
