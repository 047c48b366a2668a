import Model
import Ports

/// A change of a record as a part of an UPDATE message. Its prerequisites say what the decision for it was based on: BIND
/// answers "done" to an address beside an alias, and does nothing.
struct ZoneEdit {
    /// Seconds, if neither a label nor the existing record sets a TTL: short enough for an address that changes.
    static let usualTTL = 300

    /// Types that may exist at a name beside an address, and none of them beside an alias (RFC 1034 §3.6.2).
    private static let others = [
        "A", "AAAA", "CAA", "DNAME", "DS", "HINFO", "HTTPS", "LOC", "MX", "NAPTR", "NS", "PTR", "SPF", "SRV", "SSHFP",
        "SVCB", "TLSA", "TXT", "URI",
    ]

    let host: DomainName
    private(set) var prerequisites: [DNSUpdate.Prerequisite] = []
    private(set) var changes: [DNSUpdate.Change] = []
    /// The record afterwards; nil for a deletion.
    let result: DNSRecord?
    /// The record that is gone afterwards.
    let gone: DNSRecord?

    init(_ change: RecordChange) throws(ProviderError) {
        switch change {
        case .create(let record):
            (host, gone) = (record.name, nil)
            result = record.with(ttl: record.ttl ?? Self.usualTTL, comment: record.comment)
            prerequisites = Self.unoccupied(by: record)
        case .update(let old, let new):
            (host, gone) = (new.name, old)
            let whole = new.with(ttl: new.ttl ?? old.ttl ?? Self.usualTTL, comment: new.comment ?? old.comment)
            result = whole
            prerequisites = [.only(old.inZone)] + (old.kind == new.kind ? [] : Self.changed(old.kind, to: whole))
            changes = Self.records(of: old).map { .remove($0) }
        case .delete(let record):
            (host, gone, result) = (record.name, record, nil)
            changes = Self.records(of: record).map { .remove($0) }
        }
        if let result { changes += Self.records(of: result).map { .add($0) } }
        try check()
    }

    /// Whether a server may report success without a change: prerequisites cannot name every type that may exist.
    var needsConfirmation: Bool { result?.kind == .cname && gone != nil && gone?.kind != .cname }

    /// Bytes in a message, at most; names may be shortened there.
    var size: Int {
        let fixed = 24
        return changes.reduce(0) { $0 + "\($1)".utf8.count + fixed }
            + prerequisites.reduce(0) { $0 + "\($1)".utf8.count + fixed }
    }

    /// Whether a zone's records show that it was applied.
    func isMade(in records: [DNSRecord]) -> Bool {
        let here = records.filter { $0.name == host }
        guard let result else { return !here.contains { record in gone.map(record.hasContent) ?? false } }
        return here.contains { $0.hasContent(of: result) && $0.ttl == result.ttl }
    }

    private static func unoccupied(by record: DNSRecord) -> [DNSUpdate.Prerequisite] {
        let name = record.name.text
        guard record.kind != .cname else { return [.unused(name: name)] }
        return [.absent(name: name, type: record.kind.rawValue), .absent(name: name, type: "CNAME")]
    }

    private static func changed(_ old: DNSRecord.Kind, to record: DNSRecord) -> [DNSUpdate.Prerequisite] {
        let types = record.kind == .cname ? others.filter { $0 != old.rawValue } : [record.kind.rawValue]
        return types.map { .absent(name: record.name.text, type: $0) }
    }

    private static func records(of record: DNSRecord) -> [ZoneRecord] {
        [record.inZone] + [TXTOwnershipRegistry.mark(on: record)].compactMap(\.self)
    }

    private func check() throws(ProviderError) {
        guard let longest = changes.map(\.record).map(\.name.utf8.count).max(), longest <= 253 else {
            throw .rejected("the name is too long for its mark, `\(TXTOwnershipRegistry.label).NAME`")
        }
        for change in changes { try change.record.checkText() }
    }
}

extension DNSUpdate.Change {
    fileprivate var record: ZoneRecord {
        switch self {
        case .add(let record), .remove(let record): record
        }
    }
}

extension DNSRecord {
    var inZone: ZoneRecord { ZoneRecord(name: name.text, kind: kind, content: content, ttl: ttl ?? 0) }

    func with(ttl: Int?, comment: String?) -> DNSRecord {
        DNSRecord(name: name, kind: kind, content: content, ttl: ttl, comment: comment)
    }
}

extension ZoneRecord {
    /// Throws if it is a TXT record of more than a single string without escaping (RFC 1035 §3.3.14, §5.1).
    func checkText() throws(ProviderError) {
        let isPlain = content.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") && $0 != 0x22 }
        guard kind == .txt, content.utf8.count > 255 || !isPlain else { return }
        throw .rejected("`\(sanitized(content, limit: 100))` cannot be written in a TXT record as it is")
    }
}
