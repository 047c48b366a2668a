import DNS
import Model
import Ports

/// A record that this instance of Landfall created, and its zone.
struct OwnedRecord: Sendable {
    let entry: ZoneDirectory.Entry
    let record: DNSRecord

    /// `example.org A www.example.org 198.51.100.7 at Cloudflare`: another content is another record, because then
    /// another program has changed it.
    var key: String {
        "\(entry.zone.name) \(record.kind.rawValue) \(record.name) \(sanitized(record.content)) at \(entry.provider.name)"
    }

    /// All of them in zones that Landfall may write, in the order of their keys.
    static func all(in actual: ActualRecords, of instance: String) -> [OwnedRecord] {
        actual.zones.entries.flatMap { entry -> [OwnedRecord] in
            guard case .known(let contents)? = actual.contents[entry.zone] else { return [] }
            return contents.records.filter {
                Ownership(of: $0, seenBy: instance) == .ours && actual.isServed($0.name, by: entry)
            }
            .map { OwnedRecord(entry: entry, record: $0) }
        }.sorted { $0.key < $1.key }
    }
}

extension ActualRecords {
    /// Whether the name belongs to this zone, and Landfall may write it.
    fileprivate func isServed(_ name: DomainName, by entry: ZoneDirectory.Entry) -> Bool {
        guard case .found(let holder) = zones.find(name) else { return false }
        return holder.zone == entry.zone && holder.provider.name == entry.provider.name
    }
}

/// The owner of a record, by its comment: `landfall:INSTANCE`, alone or among other words; or by what only a product makes.
enum Ownership: Hashable {
    case ours
    case otherInstance(String)
    /// Of the provider's, which nothing else may change: "a Cloudflare Worker".
    case product(String)
    /// Without a mark: a person or another program created it.
    case unmarked

    private static let prefix = "landfall:"

    static func mark(of instance: String) -> String { prefix + instance }

    init(of record: DNSRecord, seenBy instance: String) {
        if let manager = record.managedBy {
            self = .product(manager)
            return
        }
        let words = (record.comment ?? "").split(whereSeparator: \.isWhitespace)
        guard let mark = words.first(where: { $0.hasPrefix(Self.prefix) }) else {
            self = CloudflareProduct(record.kind, record.content).map { .product($0.text) } ?? .unmarked
            return
        }
        let trailing: Set<Character> = [",", ";"]
        let other = String(mark.dropFirst(Self.prefix.count).prefix { !trailing.contains($0) })
        self = other == instance ? .ours : .otherInstance(other)
    }
}
