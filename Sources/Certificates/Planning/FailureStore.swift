import Log
package import Model
import State

/// The failures of a lineage since its last success; the pause before the next order grows with them.
package struct FailureRecord: Hashable, Sendable, Codable {
    /// The names that were ordered; another set of names starts anew.
    package let names: [DomainName]
    package let count: Int
    package let last: Timestamp
    package let reason: String

    /// 1 min, 10 min, 100 min, then a day (https://letsencrypt.org/docs/integration-guide/, "Retrying failures").
    package var pause: Duration {
        switch count {
        case ...1: .seconds(60)
        case 2: .seconds(600)
        case 3: .seconds(6000)
        default: .seconds(86_400)
        }
    }

    /// When `names` may be ordered again; nil when they may be ordered now.
    func retryTime(for names: [DomainName], now: Timestamp) -> Timestamp? {
        guard names == self.names else { return nil }
        let time = last + pause
        // A failure later than now was dated by a clock that has been set back since.
        return time > now && last <= now + pause ? time : nil
    }

    /// The record after one more failure. One on Landfall's side of the validation never pauses for a day: it costs only an
    /// order.
    static func adding(
        _ error: IssuanceError,
        to earlier: FailureRecord?,
        names: [DomainName],
        now: Timestamp
    ) -> FailureRecord {
        let count = earlier?.names == names ? (earlier?.count ?? 0) : 0
        let more = count.saturatingAdding(1)
        let next = error.isLocal ? max(count, min(more, 3)) : more
        return FailureRecord(names: names, count: next, last: now, reason: error.reason)
    }
}

struct FailureStore {
    /// How long a failure is kept when no host requests its names: the host may only be restarting.
    private static let retention = Duration.seconds(7 * 86_400)

    private let namespace: StateStore.Namespace<FailureRecord>
    private let log: Logger

    init(state: StateStore, log: Logger) {
        (namespace, self.log) = (StateStore.Namespace("certificate-failures", in: state), log)
    }

    /// By lineage; while it is unavailable nothing may be ordered.
    func load() -> Observation<[String: FailureRecord]> { namespace.observation() }

    func save(_ result: IssuanceResult, of order: CertificateStep, now: Timestamp) {
        do throws(StateError) {
            switch result {
            case .issued: try namespace.remove(order.lineage)
            case .failed(let error) where error.isFree: break
            case .failed(let error):
                let earlier = try? namespace.load(order.lineage)
                let record = FailureRecord.adding(error, to: earlier, names: order.names, now: now)
                try namespace.save(record, for: order.lineage)
            }
        } catch {
            log.error("a failed order cannot be stored", [.certificate: .string(order.lineage), .error: "\(error)"])
        }
    }

    /// Removes the failures of lineages whose names other lineages have now, so that a label that is changed and changed
    /// back is tried again at once, and those that were not requested for a week. Returns the lineages.
    func removeObsolete(of steps: [CertificateStep], now: Timestamp) -> [String] {
        let lineages = Set(steps.map(\.lineage))
        let wanted = Set(steps.flatMap { $0.names + $0.hosts })
        let obsolete = (load().value ?? [:]).filter { lineage, record in
            !lineages.contains(lineage) && (wanted.isSuperset(of: record.names) || record.last + Self.retention < now)
        }
        // One that stays behind only prolongs a pause.
        try? namespace.commit(obsolete.mapValues { _ in nil })
        return obsolete.keys.sorted()
    }
}
