import FoundationEssentials
import Log
import Model
import State

/// The failures of every lineage, in the state store's room "certificates".
struct FailureStore {
    private static let room = "certificates"
    let state: StateStore
    let log: Logger

    /// By lineage; unavailable, and then nothing may be ordered, when the store cannot be read. A single record that cannot
    /// be understood holds nothing up.
    func all() -> Observation<[String: FailureRecord]> {
        let texts: [String: String]
        do throws(StateError) {
            texts = try state.facts(in: Self.room)
        } catch {
            return .unavailable(reason: "the state store cannot be read: \(error)")
        }
        let records = texts.compactMapValues { try? JSONDecoder().decode(FailureRecord.self, from: Data($0.utf8)) }
        return .known(records)
    }

    /// So long nobody may ask for what failed before it is forgotten: it may come back from a restart, or from a deployment
    /// that is mended.
    private static let memory = Duration.seconds(7 * 86_400)

    /// Forgets the failures of lineages whose names other lineages have now: somebody has changed a label, and what failed
    /// is tried again at once if it is changed back. A lineage of which nobody asks for a name may only be restarting.
    ///
    /// - Returns: The lineages.
    func forgetPast(of steps: [CertificateStep], now: Timestamp) -> [String] {
        let lineages = Set(steps.map(\.lineage))
        let wanted = Set(steps.flatMap { $0.names + $0.hosts })
        let past = (all().value ?? [:]).filter { lineage, record in
            !lineages.contains(lineage) && (wanted.isSuperset(of: record.names) || record.last + Self.memory < now)
        }
        guard !past.isEmpty else { return [] }
        // What is not forgotten is only a pause longer than need be.
        try? state.commit(past.mapValues { _ in nil }, in: Self.room)
        return past.keys.sorted()
    }

    func note(_ end: CertbotRun.End, of order: CertificateStep, now: Timestamp) {
        let record: FailureRecord?
        switch end {
        case .failed(let failure) where failure.costsNothing: return
        case .failed(let failure):
            record = .after(all().value?[order.lineage], names: order.names, now: now, failure: failure)
        case .issued: record = nil
        }
        do {
            let text = try record.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
            try state.commit([order.lineage: text], in: Self.room)
        } catch {
            log.error(
                "a failed order cannot be stored",
                [.certificate: .string(order.lineage), .error: "\(error)"]
            )
        }
    }
}
