import Model
import State

/// How a lineage came about, as far as Landfall knows.
enum LineageOrigin: String, Sendable, Codable {
    /// Landfall ordered it and has not seen a certificate yet.
    case ordered
    /// Landfall got it.
    case issued
    /// Another program's certificate serves hosts of ours.
    case used
}

/// Keeps how lineages came about: this tells an empty certificate store from an unmounted one, and what may be removed.
struct LineageStore {
    private let namespace: StateStore.Namespace<LineageOrigin>
    private let flags: StateStore.Namespace<Bool>
    /// That this memory reaches back to before the first certificate.
    private static let started = "hasStarted"

    init(state: StateStore) {
        namespace = StateStore.Namespace("lineages", in: state)
        flags = StateStore.Namespace("certificate-store", in: state)
    }

    func load() -> Observation<[String: LineageOrigin]> { namespace.observation() }

    /// Nil forgets a lineage. The store itself reports a failure.
    func save(_ changes: [String: LineageOrigin?]) { try? namespace.commit(changes) }

    func save(_ origin: LineageOrigin, for lineage: String) { save([lineage: origin]) }

    /// Notes that certificates are about to be ordered, where nothing is known of them.
    func saveOrders(of lineages: [String]) {
        let known = load().value ?? [:]
        let new = lineages.filter { known[$0] == nil }
        save(Dictionary(new.map { ($0, .ordered) }) { first, _ in first })
    }

    var hasStarted: Bool { (try? flags.load(Self.started)) ?? false }

    func saveStarted() { try? flags.save(true, for: Self.started) }
}

/// Tells an empty certificate store from one that is not mounted, which looks the same.
package enum MissingVolumeGuard {
    /// What a person confirms who knows that the store is empty.
    package static let confirmation = "empty-store"
}

extension CertificateStage {
    /// Why the store counts as not mounted; nil if it does not, or is not empty.
    func missingVolume(
        _ onDisk: [String: LineageOnDisk],
        _ origins: [String: LineageOrigin],
        _ records: KnownRecords
    ) -> String? {
        guard onDisk.values.allSatisfy({ $0 == .absent }) else { return nil }
        let known = origins.filter { $0.value != .ordered }.keys.sorted()
        let reason: String
        if let first = known.first {
            reason = known.count > 1 ? "\(first) and \(known.count - 1) more were there" : "\(first) was there"
        } else {
            guard !lineages.hasStarted, records.holdsOurs() else { return nil }
            reason = "DNS has records of this instance, so it has worked before"
        }
        return "\(settings.configDirectory) holds no certificate, but \(reason); is the right volume mounted? "
            + "Nothing is ordered until `landfall once --confirm-empty-store`"
    }
}
