import Certificates
import DNS
import Model
import Records

extension KnownRecords {
    /// What certificates have to know of the records that were read, and of those that this run makes.
    init(_ truth: ActualRecords?, wanted hosts: [DesiredHost], by records: RecordStage) {
        guard let truth else {
            self.init()
            return
        }
        var names = truth.records.compactMapValues(\.value).reduce(into: [DomainName: [DomainName]]()) { names, zone in
            names[zone.key.name, default: []] += zone.value.map(\.name)
        }
        for host in hosts where host.target != .none {
            if case .found(let entry) = truth.zones.find(host.name) { names[entry.zone.name]?.append(host.name) }
        }
        self.init(names: names) {
            truth.records.values.contains { $0.value?.contains { records.owner(of: $0)?.isOurs ?? false } ?? false }
        }
    }
}
