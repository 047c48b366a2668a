import Model
import State

/// What is remembered of lineages, in the state store's room `lineages`: that a certificate was there tells an empty store
/// from one that is not mounted, and that Landfall ordered it, whose remains may be cleared away.
struct LineageStore {
    /// How far a lineage has come.
    enum LineageOrigin: String {
        /// Landfall ordered it, and no certificate was seen yet.
        case ordered
        /// Landfall got it.
        case issued
        /// Somebody else's certificate serves hosts of ours.
        case used
    }

    private static let room = "lineages"
    /// No lineage's name: that this memory reaches back to before the first certificate.
    static let begun = "(begun)"

    let state: StateStore

    func read() -> Observation<[String: String]> {
        do throws(StateError) {
            return .known(try state.facts(in: Self.room))
        } catch {
            return .unavailable(reason: "the state store cannot be read: \(error)")
        }
    }

    /// A failure is told by the store itself.
    func commit(_ changes: [String: String?]) { try? state.commit(changes, in: Self.room) }

    /// Notes that a certificate is about to be ordered, where nothing is known of it.
    func noteOrders(of lineages: [String]) {
        let known = read().value ?? [:]
        let new = lineages.filter { known[$0] == nil }
        commit(Dictionary(new.map { ($0, LineageOrigin.ordered.rawValue) }) { first, _ in first })
    }

    func noteIssue(of lineage: String) { commit([lineage: LineageOrigin.issued.rawValue]) }
}
