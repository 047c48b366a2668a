import CLDNS
import Model
import Ports

/// Collects a zone from the messages of a transfer: it begins and ends with the same SOA (RFC 5936 §2.2).
struct ZoneTransfer {
    /// More than any zone holds that is edited this way; a server that never ends must not fill the memory.
    private static let longest = 500_000

    private(set) var records: [ZoneRecord] = []
    private let label: String
    private var serial: String?
    private var count = 0

    init(textsBelow label: String) { self.label = label + "." }

    /// - Returns: whether the zone is whole now.
    mutating func read(_ packet: UnsafeMutablePointer<ldns_pkt>) throws(DNSUpdateError) -> Bool {
        let list = unsafe ldns_pkt_answer(packet)
        let length = unsafe ldns_rr_list_rr_count(list)
        guard length > 0 else { throw .malformed }
        for index in 0..<length {
            let isLast = unsafe try read(ldns_rr_list_rr(list, index))
            guard !isLast else {
                guard index == length - 1 else { throw .malformed }
                return true
            }
        }
        return false
    }

    private mutating func read(_ record: UnsafeMutablePointer<ldns_rr>?) throws(DNSUpdateError) -> Bool {
        let isStart = unsafe ldns_rr_get_type(record) == LDNS_RR_TYPE_SOA
        if isStart || serial == nil {
            let found = unsafe Packet.text(ldns_rr_rdf(record, 2))
            guard isStart, serial == nil || serial == found else { throw .malformed }
            defer { serial = found }
            return serial != nil
        }
        count += 1
        guard count <= Self.longest else { throw .tooLarge }
        guard let answer = unsafe Packet.record(record), let kind = DNSRecord.Kind(rawValue: answer.kind.rawValue),
            kind != .txt || answer.name.hasPrefix(label)
        else { return false }
        let ttl = unsafe Int(ldns_rr_ttl(record))
        records.append(ZoneRecord(name: answer.name, kind: kind, content: answer.content, ttl: ttl))
        return false
    }
}
