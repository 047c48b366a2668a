public import DNS
public import Model

/// Desired hosts and the records that stand → what is to be done. A pure function; whatever could not be read yields no
/// write.
public enum RecordPlanner {
    /// - Parameters:
    ///   - address: this machine's public address; nil where nobody asked, because no host needs it.
    ///   - actual: the records of every zone that holds a desired host.
    /// - Returns: steps in the order of the hosts' names. A host has a second step where labels contradict each other.
    public static func plan(
        desired: [DesiredHost],
        address: Observation<IPAddress>?,
        zones: ZoneDirectory,
        actual: [Zone: Observation<[DNSRecord]>],
        policy: RecordPolicy
    ) -> RecordPlan {
        let wishes = WishList(address: address)
        let standing = actual.mapValues { $0.map { Dictionary(grouping: $0, by: \.name) } }
        let hosts = Dictionary(grouping: desired.filter { $0.target != .none }, by: \.name)
        let steps = hosts.sorted { $0.key < $1.key }.flatMap { name, hosts -> [RecordStep] in
            switch zones.place(of: name) {
            case .failure(let trouble): return [RecordStep(host: name, zone: nil, action: trouble.action)]
            case .success(let entry):
                let decision = NameDecision(wishes: wishes.read(hosts), policy: policy)
                let records = standing[entry.zone] ?? .unavailable(reason: "its records were not read")
                return decision.actions(records.map { $0[name] ?? [] })
                    .map { RecordStep(host: name, zone: entry, action: $0) }
            }
        }
        return RecordPlan(steps: steps)
    }
}

/// Why nothing is written for a host.
enum Obstacle: Error, Hashable {
    case refuse(String)
    case wait(String)

    var action: RecordStep.Action {
        switch self {
        case .refuse(let reason): .refuse(reason)
        case .wait(let reason): .wait(reason)
        }
    }
}

extension ZoneDirectory {
    fileprivate func place(of name: DomainName) -> Result<Entry, Obstacle> {
        switch find(name) {
        case .found(let entry): .success(entry)
        case .notAllowed: .failure(.refuse("LANDFALL_ZONES does not allow it: \(Self.list(allowed ?? []))"))
        case .noZone(let searched) where searched.isEmpty:
            .failure(.refuse("no provider shows any zone; may its credentials read zones?"))
        case .noZone(let searched): .failure(.refuse("it lies in none of the zones there are: \(Self.list(searched))"))
        case .unavailable(let reason): .failure(.wait(reason))
        }
    }

    private static func list(_ names: [DomainName]) -> String {
        let shown = names.prefix(10).map(\.text).joined(separator: ", ")
        return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
    }
}
