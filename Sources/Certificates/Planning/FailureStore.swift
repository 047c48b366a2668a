import Log
package import Model
import State

/// The failures of a lineage since its last success; the pause before the next order grows with them.
package struct FailureRecord: Hashable, Sendable, Codable {
    /// The names that were to be ordered; another set of names starts anew. None where all orders failed.
    package let names: [DomainName]
    package let count: Int
    package private(set) var last: Timestamp
    package let reason: String
    /// The names that made it fail, without `*.`.
    private(set) var culprits: [DomainName]?
    /// The names of the last order that failed, if others had been left out of it.
    private(set) var ordered: [DomainName]?
    /// Whether nothing but a person can help.
    private(set) var needsPerson: Bool?
    /// Whether the authority never certifies the culprits.
    private(set) var isRefusal: Bool?

    init(names: [DomainName], count: Int, last: Timestamp, reason: String) {
        (self.names, self.count, self.last, self.reason) = (names, count, last, reason)
    }

    /// 1 min, 10 min, 100 min, then a day (https://letsencrypt.org/docs/integration-guide/, "Retrying failures").
    package var pause: Duration {
        guard needsPerson != true else { return .days(1) }
        return switch count {
        case ...1: .seconds(60)
        case 2: .seconds(600)
        case 3: .seconds(6000)
        default: .days(1)
        }
    }

    /// When `names` may be ordered again; nil when they may be ordered now.
    ///
    /// - Parameter end: of the certificate in use: no pause reaches beyond it.
    func retryTime(for names: [DomainName], now: Timestamp, end: Timestamp? = nil) -> Timestamp? {
        guard names == ordered ?? self.names else { return nil }
        let pause = min(self.pause, end.flatMap { Self.longestPause(from: last, to: $0) } ?? self.pause)
        let time = last + pause
        // A failure later than now was dated by a clock that has been set back since.
        return time > now && last <= now + pause ? time : nil
    }

    /// Half of what is left of a certificate, but no less than ten minutes; nil of one that has ended.
    private static func longestPause(from last: Timestamp, to end: Timestamp) -> Duration? {
        last < end ? max((end - last) / 2, .seconds(600)) : nil
    }

    func isCulprit(_ name: DomainName) -> Bool { culprits?.contains(name.withoutWildcard) ?? false }

    func hold(until time: Timestamp) -> CertificateStep.Hold {
        guard needsPerson == true else {
            return CertificateStep.Hold(reason: "until \(time.minute) after a failure: \(reason)")
        }
        return CertificateStep.Hold(reason: reason, needsPerson: true)
    }

    /// The record after one more failure. One on Landfall's side of the validation never pauses for a day: it costs only an
    /// order.
    ///
    /// - Parameters:
    ///   - names: those that were to be ordered.
    ///   - ordered: those of them that were ordered; nil: all.
    static func adding(
        _ error: IssuanceError,
        to earlier: FailureRecord?,
        names: [DomainName],
        ordered: [DomainName]? = nil,
        now: Timestamp
    ) -> FailureRecord {
        let earlier = earlier?.names == names ? earlier : nil
        let count = earlier?.count ?? 0
        let more = count.saturatingAdding(1)
        let next = error.isLocal ? max(count, min(more, 3)) : more
        var record = FailureRecord(names: names, count: next, last: now, reason: error.reason)
        let culprits = Set(error.culprits).union(ordered == nil ? [] : earlier?.culprits ?? [])
        record.culprits = culprits.isEmpty ? nil : culprits.sorted()
        (record.ordered, record.needsPerson) = (ordered, error.needsPerson ? true : nil)
        record.isRefusal = error.isRefusal ? true : nil
        return record
    }

    /// The record once the names beside its culprits have a certificate: the whole set waits for its pause.
    func servingOthers(now: Timestamp) -> FailureRecord {
        var record = self
        (record.last, record.ordered) = (now, nil)
        return record
    }
}

extension FailureRecord {
    /// What no lineage is called.
    private static let commonKey = "_all"

    private static func key(profile: String) -> String { "_profile \(profile)" }

    /// Under which keys the failures are kept that all orders of a profile have in common.
    static func commonKeys(profile: String?) -> [String] { [commonKey] + (profile.map { [key(profile: $0)] } ?? []) }

    static func isCommon(_ key: String) -> Bool { key.hasPrefix("_") }
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

    /// - Parameter profile: of all certificates whose labels name none.
    func save(_ result: IssuanceResult, of order: CertificateStep, profile: String?, now: Timestamp) {
        let common = FailureRecord.commonKeys(profile: order.profile ?? profile)
        do throws(StateError) {
            switch result {
            case .issued:
                try namespace.commit(Dictionary(uniqueKeysWithValues: common.map { ($0, FailureRecord?.none) }))
                let record = order.leftOut.isEmpty ? nil : try? namespace.load(order.lineage)
                try namespace.commit([order.lineage: record?.servingOthers(now: now)])
            case .failed(let error) where error.isFree: break
            case .failed(let error):
                let key = error.isCommon ? (error.cause == .profile ? common.last : common.first) : nil
                let earlier = try? namespace.load(key ?? order.lineage)
                let names = key == nil ? LineageRequest.ordered(order.names + order.leftOut) : []
                let record = FailureRecord.adding(
                    error,
                    to: earlier,
                    names: names,
                    ordered: order.leftOut.isEmpty || key != nil ? nil : order.names,
                    now: now
                )
                try namespace.save(record, for: key ?? order.lineage)
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
            !FailureRecord.isCommon(lineage) && !lineages.contains(lineage)
                && (wanted.isSuperset(of: record.names) || record.last + Self.retention < now)
        }
        // One that stays behind only prolongs a pause.
        try? namespace.commit(obsolete.mapValues { _ in nil })
        return obsolete.keys.sorted()
    }
}
