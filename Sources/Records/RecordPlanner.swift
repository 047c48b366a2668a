import DNS
import Model
import Ports

/// Desired hosts and the records that stand → what is to be done. A pure function; whatever could not be read yields no
/// write.
public enum RecordPlanner {
    /// - Returns: steps in the order of the names. A name has several steps where it has several records, or where labels
    ///   contradict each other.
    public static func plan(_ demand: DesiredState, _ truth: ActualRecords, policy: RecordPolicy) -> RecordPlan {
        let hosts = Dictionary(grouping: demand.hosts.filter { $0.target != .none }, by: \.name)
        let standing = truth.standing(at: hosts)
        let wishes = DesiredRecords(addresses: demand.addresses)
        var asked = RequestedNames(demand.refusals)
        var steps: [RecordStep] = []
        for (name, hosts) in hosts.sorted(by: { $0.key < $1.key }) {
            let reading = wishes.read(hosts)
            let decided = decide(name, reading, truth, standing, policy)
            asked.note(name, hosts, reading, isClear: !decided.contains { $0.action.isObstacle })
            steps += decided
        }
        guard policy.mode == .sync else { return RecordPlan(steps: steps) }
        let sweep = GarbageCollector(truth, asked, steps, demand.confirmations, policy)
        return RecordPlan(
            steps: sweep.steps.isEmpty ? steps : (steps + sweep.steps).sorted { $0.host < $1.host },
            deletions: sweep.deletions,
            notes: truth.memory.map { _ in sweep.notes }
        )
    }

    private static func decide(
        _ name: DomainName,
        _ reading: DesiredRecords.Reading,
        _ truth: ActualRecords,
        _ standing: [Zone: [DomainName: [DNSRecord]]],
        _ policy: RecordPolicy
    ) -> [RecordStep] {
        switch truth.zones.place(of: name) {
        case .failure(let trouble): return [RecordStep(host: name, zone: nil, action: trouble.action)]
        case .success(let entry):
            let records = truth.records[entry.zone] ?? .unavailable(reason: "its records were not read")
            let here = records.map { _ in standing[entry.zone]?[name] ?? [] }
            return NameDecision.actions(reading, here, policy)
                .map { RecordStep(host: name, zone: entry, action: $0) }
        }
    }
}

extension ActualRecords {
    /// The records at names that matter.
    fileprivate func standing(at names: [DomainName: [DesiredHost]]) -> [Zone: [DomainName: [DNSRecord]]] {
        records.mapValues { records in
            Dictionary(grouping: (records.value ?? []).filter { names[$0.name] != nil }, by: \.name)
        }
    }
}

/// Why nothing is written for a host.
enum RecordRejection: Error, Hashable {
    case refuse(String)
    case wait(String)

    var action: RecordStep.Action {
        switch self {
        case .refuse(let reason): .refuse(reason)
        case .wait(let reason): .wait(reason)
        }
    }
}

extension RecordStep.Action {
    fileprivate var isObstacle: Bool {
        switch self {
        case .refuse, .wait: true
        case .create, .update, .keep, .delete, .hold: false
        }
    }
}

extension ZoneDirectory {
    fileprivate func place(of name: DomainName) -> Result<Entry, RecordRejection> {
        switch find(name) {
        case .found(let entry): .success(entry)
        case .notAllowed: .failure(.refuse("LANDFALL_ZONES does not allow it: \(Self.list(allowed ?? []))"))
        case .noZone(let searched) where searched.isEmpty:
            .failure(.refuse("no provider shows any zone; may its credentials read zones?"))
        case .noZone(let searched): .failure(.refuse("\(noZone(name)) the zones there are: \(Self.list(searched))"))
        case .unavailable(let reason): .failure(.wait(reason))
        }
    }

    private func noZone(_ name: DomainName) -> String {
        guard let below = candidates(for: name).dropFirst().first else { return "it lies in none of" }
        return "neither it nor \(below) lies in any of"
    }

    private static func list(_ names: [DomainName]) -> String {
        let shown = names.prefix(10).map(\.text).joined(separator: ", ")
        return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
    }
}
