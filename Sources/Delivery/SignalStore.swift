import Log
import Model
import State
import Synchronization

/// The fingerprints that each container was last signalled for, by lineage.
struct DeliveredFingerprints: Sendable {
    typealias Fingerprints = [String: Fingerprint]

    /// What was on disk when there was no state: it counts as delivered to every container. Nil when there was no baseline.
    fileprivate(set) var baseline: Fingerprints?
    fileprivate(set) var byContainer: [String: Fingerprints] = [:]

    init(baseline: Fingerprints?) { self.baseline = baseline }

    var isEmpty: Bool { baseline == nil && byContainer.isEmpty }

    /// Whether the container was signalled for this very certificate.
    func contains(_ certificate: CertificateOnDisk, for container: String) -> Bool {
        let last = byContainer[container]?[certificate.lineage] ?? baseline?[certificate.lineage]
        return last == certificate.fingerprint
    }
}

/// The delivered fingerprints in the state store: one entry per container ID, and one for the baseline. An unreadable entry
/// counts as not delivered: a second signal is harmless, a missing one is not.
struct SignalStore: Sendable {
    typealias Fingerprints = DeliveredFingerprints.Fingerprints

    /// No container has this ID.
    private static let baselineKey = "baseline"

    private let namespace: StateStore.Namespace<Fingerprints>

    init(in state: StateStore) { namespace = StateStore.Namespace("signals", in: state) }

    func load() throws(StateError) -> DeliveredFingerprints {
        var all = try namespace.all()
        var delivered = DeliveredFingerprints(baseline: all.removeValue(forKey: Self.baselineKey))
        delivered.byContainer = all
        return delivered
    }

    func save(baseline: Fingerprints) throws(StateError) { try namespace.save(baseline, for: Self.baselineKey) }

    /// Adds fingerprints to those of containers, and removes containers.
    func add(_ delivered: [String: Fingerprints], removing gone: [String]) throws(StateError) {
        var changes: [String: Fingerprints?] = [:]
        for (container, fingerprints) in delivered {
            changes[container] = try (namespace.load(container) ?? [:]).merging(fingerprints) { $1 }
        }
        for container in gone { changes[container] = .some(nil) }
        try namespace.commit(changes)
    }
}

/// Saves delivered fingerprints several at a time, because a commit takes as long as a signal. A crash repeats a few signals.
final class SignalStoreBatch: Sendable {
    private static let size = 16

    private let store: SignalStore
    private let log: Logger
    private let unsaved = Mutex<[String: SignalStore.Fingerprints]>([:])

    init(_ store: SignalStore, log: Logger) { (self.store, self.log) = (store, log) }

    func add(_ container: String, _ fingerprints: SignalStore.Fingerprints) {
        let isFull = unsaved.withLock { unsaved in
            unsaved[container] = fingerprints
            return unsaved.count >= Self.size
        }
        if isFull { flush() }
    }

    /// Returns when all that was added is on disk, or in the store's own memory.
    func flush() { save(unsaved.withLock { exchange(&$0, with: [:]) }) }

    func save(_ delivered: [String: SignalStore.Fingerprints], removing gone: [String] = []) {
        guard !delivered.isEmpty || !gone.isEmpty else { return }
        do throws(StateError) {
            try store.add(delivered, removing: gone)
        } catch {
            log.error(
                "cannot save which containers were signalled; the next run signals them again",
                [.error: "\(error)"]
            )
        }
    }
}
