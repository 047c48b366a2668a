import DNS
import Model
import Ports

/// A record that Landfall made, where it stands.
struct OwnedRecord: Sendable {
    let entry: ZoneDirectory.Entry
    let record: DNSRecord

    /// `example.org A www.example.org 198.51.100.7 at Cloudflare`: another content is another record, for then somebody
    /// else has touched it.
    var key: String {
        "\(entry.zone.name) \(record.kind.rawValue) \(record.name) \(sanitized(record.content)) at \(entry.provider.name)"
    }

    /// All that may be touched, in the order of their keys.
    static func all(in truth: ActualRecords, of instance: String) -> [OwnedRecord] {
        truth.zones.entries.flatMap { entry -> [OwnedRecord] in
            guard case .known(let records)? = truth.records[entry.zone] else { return [] }
            return records.filter { Ownership(of: $0, seenBy: instance) == .ours && truth.isServed($0.name, by: entry) }
                .map { OwnedRecord(entry: entry, record: $0) }
        }.sorted { $0.key < $1.key }
    }
}

extension ActualRecords {
    /// Whether the name is the zone's, and may be touched.
    fileprivate func isServed(_ name: DomainName, by entry: ZoneDirectory.Entry) -> Bool {
        guard case .found(let holder) = zones.find(name) else { return false }
        return holder.zone == entry.zone && holder.provider.name == entry.provider.name
    }
}
