import DNS
import Model
import Ports

/// Records that Landfall made and no label requests any more, where the policy deletes none. They stay, and are told of.
struct Leftovers {
    private let records: [OwnedRecord]
    private let requested: RequestedNames
    private let mode: RecordPolicy.Mode

    /// - Parameter planned: the steps for requested names.
    init(_ actual: ActualRecords, _ requested: RequestedNames, _ policy: RecordPolicy, besides planned: [RecordStep]) {
        (self.requested, mode) = (requested, policy.mode)
        let changing = Set(planned.compactMap(\.action.changing))
        records = OwnedRecord.all(in: actual, of: policy.instance).filter {
            !changing.contains($0.record) && requested.status(of: $0.record) == .notRequested
        }
    }

    private static let what = "made by Landfall, no longer requested"
    private static let cure = "delete what is not needed, or set LANDFALL_DNS_POLICY=sync"

    var steps: [RecordStep] {
        let reason = "\(Self.what), and LANDFALL_DNS_POLICY=\(mode.rawValue) deletes nothing; \(Self.cure)"
        return records.map { RecordStep(host: $0.record.name, zone: $0.entry, action: .hold($0.record, reason)) }
    }

    /// One for each name that labels request another record at, and one for each zone with names that no label requests; not
    /// as long as the service may only be deployed anew.
    func hints(_ first: FirstRequesters) -> [Hint] {
        let (beside, alone) = (
            records.filter { requested.has($0.record.name) }, records.filter { !requested.has($0.record.name) }
        )
        return hints(beside, by: \.record.name)
            + hints(alone.filter { !first.wasLeftLately($0.record.name) }, by: \.entry.zone.name)
    }

    private func hints(_ records: [OwnedRecord], by subject: (OwnedRecord) -> DomainName) -> [Hint] {
        Dictionary(grouping: records, by: subject).sorted { $0.key < $1.key }.map { subject, records in
            let shown = named(records.map { "\($0.record.name) \($0.record.summary)" })
            return Hint(
                "\(shown): \(Self.what), and still in DNS; \(Self.cure)",
                about: Set(records.map(\.record.name))
            )
        }
    }
}
