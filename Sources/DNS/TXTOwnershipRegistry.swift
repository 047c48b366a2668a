import Model
import Ports

/// The owner of a record: DNS records have no comments, so a TXT record at `_landfall.NAME` marks it.
///
/// Its text is the record's comment and kind, `landfall:default A`: a name may have a record of ours beside another one. For
/// a wildcard, `_wildcard` replaces the `*`, which within a name is an ordinary label.
enum TXTOwnershipRegistry {
    static let label = "_landfall"

    /// Nil where there is nothing to mark.
    static func mark(on record: DNSRecord) -> ZoneRecord? {
        guard let comment = record.comment else { return nil }
        let content = "\(comment) \(record.kind.rawValue)"
        return ZoneRecord(name: name(for: record.name), kind: .txt, content: content, ttl: record.ttl ?? 0)
    }

    /// The records of hosts, with their marks as comments.
    static func read(_ zone: [ZoneRecord]) -> [DNSRecord] {
        let marks = Dictionary(grouping: zone.filter { $0.kind == .txt }, by: \.name)
        return zone.compactMap { record in
            guard record.kind.isOfHosts, let name = try? DomainName(served: record.name) else { return nil }
            let suffix = " \(record.kind.rawValue)"
            let texts = (marks[Self.name(for: name)] ?? []).map(\.content).filter { $0.hasSuffix(suffix) }.sorted()
            return DNSRecord(
                name: name,
                kind: record.kind,
                content: record.content,
                ttl: record.ttl,
                comment: texts.isEmpty ? nil : texts.map { String($0.dropLast(suffix.count)) }.joined(separator: " ")
            )
        }
    }

    private static func name(for host: DomainName) -> String {
        host.isWildcard ? "\(label)._wildcard.\(host.withoutWildcard)" : "\(label).\(host)"
    }
}
