import FoundationEssentials
import Model
public import Ports
public import State

/// What the engine is taken for. A change of its part, or to another cluster, is believed only after it has stood for a
/// while, and a restart of ours does not shorten that: it is remembered in the store.
///
/// A manager that is shutting down answers for some seconds as if it had never been in a Swarm, with no services. That
/// would look as if nobody desired anything any more. One whose owner leaves a Swarm and makes another looks the same
/// until it has stood.
public struct ConfirmedEngine: Sendable {
    private static let room = "engine"
    private static let key = "part"

    private let state: StateStore
    private let clock: any Clock

    public init(state: StateStore, clock: any Clock) {
        (self.state, self.clock) = (state, clock)
    }

    /// Why nobody's labels can be read from an engine that says it is this; nil when they can, and it is believed.
    public func obstacle(to mode: EngineMode) -> String? {
        do throws(StateError) {
            let known = try state.fact(Self.key, in: Self.room).flatMap(EngineRecord.init(text:))
            var record = known ?? EngineRecord(believed: nil)
            let doubt = record.doubt(mode, at: clock.now)
            // What could not be written is remembered by the store, and its trouble is in every run's report.
            if record != known { try? state.commit([Self.key: record.text], in: Self.room) }
            return mode.obstacle ?? doubt
        } catch {
            return mode.obstacle ?? "what the engine was before is unknown: \(error)"
        }
    }
}

/// What the engine is believed to be, and what it may have become.
struct EngineRecord: Hashable, Codable {
    struct Candidate: Hashable, Codable {
        let mode: EngineMode
        let since: Timestamp
    }

    static let patience: Duration = .seconds(60)

    /// Only ever what can be read from.
    private(set) var believed: EngineMode?
    private(set) var candidate: Candidate?

    init(believed: EngineMode?) {
        self.believed = believed
    }

    /// Nil when `mode` is believed; else why it is not yet.
    mutating func doubt(_ mode: EngineMode, at now: Timestamp) -> String? {
        guard mode.obstacle == nil, let known = believed, known != mode else {
            // One that can show nothing is no other engine: what it was stands until it is something again.
            if mode.obstacle == nil { believed = mode }
            candidate = nil
            return nil
        }
        // The wall clock, for it outlives the process; one that was set back begins the wait anew.
        guard let earlier = candidate, earlier.mode == mode, earlier.since <= now else {
            candidate = Candidate(mode: mode, since: now)
            return Self.reason(known, mode)
        }
        guard now - earlier.since >= Self.patience else { return Self.reason(known, mode) }
        (believed, candidate) = (mode, nil)
        return nil
    }

    private static func reason(_ old: EngineMode, _ new: EngineMode) -> String {
        let why =
            switch (old, new) {
            case (.manager, .manager): "which is another Swarm"
            default: "as one does that shuts down"
            }
        return
            "the engine was a \(old) and now says it is a \(new), \(why); that is believed once it has stood for a minute"
    }
}

extension EngineRecord {
    /// Nil for anything that `text` never was.
    init?(text: String) {
        guard let record = try? JSONDecoder().decode(EngineRecord.self, from: Data(text.utf8)) else { return nil }
        self = record
    }

    var text: String? {
        guard let data = try? JSONEncoder().encode(self) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }
}
