import CLDNS
import Model
import Ports

/// Messages as libldns has them; nil for what DNS cannot carry.
enum UpdatePacket {
    /// RFC 2136 §2: the zone is in the question's place, prerequisites in the answer's, changes in the authority's.
    static func update(_ update: DNSUpdate) -> UnsafeMutablePointer<ldns_pkt>? {
        unsafe packet { packet in
            unsafe ldns_pkt_set_opcode(packet, LDNS_PACKET_UPDATE)
            return unsafe push(question(update.zone, LDNS_RR_TYPE_SOA), LDNS_SECTION_QUESTION, packet)
                && update.prerequisites.allSatisfy { unsafe push(record($0), LDNS_SECTION_ANSWER, packet) }
                && update.changes.allSatisfy { unsafe push(record($0), LDNS_SECTION_AUTHORITY, packet) }
        }
    }

    static func transfer(of zone: DomainName) -> UnsafeMutablePointer<ldns_pkt>? {
        unsafe packet { unsafe push(question(zone, LDNS_RR_TYPE_AXFR), LDNS_SECTION_QUESTION, $0) }
    }

    /// - Parameter fill: returns whether the packet is complete.
    private static func packet(
        _ fill: (UnsafeMutablePointer<ldns_pkt>) -> Bool
    ) -> UnsafeMutablePointer<ldns_pkt>? {
        guard let packet = unsafe ldns_pkt_new() else { return nil }
        if unsafe fill(packet) { return unsafe packet }
        unsafe ldns_pkt_free(packet)
        return nil
    }

    private static func push(
        _ record: UnsafeMutablePointer<ldns_rr>?,
        _ section: ldns_pkt_section,
        _ packet: UnsafeMutablePointer<ldns_pkt>
    ) -> Bool {
        guard let record = unsafe record else { return false }
        return unsafe ldns_pkt_push_rr(packet, section, record)
    }

    private static func question(_ zone: DomainName, _ type: ldns_rr_type) -> UnsafeMutablePointer<ldns_rr>? {
        guard let record = unsafe empty(zone.text, type, LDNS_RR_CLASS_IN) else { return nil }
        unsafe ldns_rr_set_question(record, true)
        return unsafe record
    }

    /// RFC 2136 §2.4: its classes are commands.
    private static func record(_ prerequisite: DNSUpdate.Prerequisite) -> UnsafeMutablePointer<ldns_rr>? {
        switch prerequisite {
        case .absent(let name, let type): unsafe empty(name, ldns_get_rr_type_by_name(type), LDNS_RR_CLASS_NONE)
        case .unused(let name): unsafe empty(name, LDNS_RR_TYPE_ANY, LDNS_RR_CLASS_NONE)
        case .only(let record): unsafe filled(record, LDNS_RR_CLASS_IN, ttl: 0)
        }
    }

    /// RFC 2136 §2.5.
    private static func record(_ change: DNSUpdate.Change) -> UnsafeMutablePointer<ldns_rr>? {
        switch change {
        case .add(let record): unsafe filled(record, LDNS_RR_CLASS_IN, ttl: record.ttl)
        case .remove(let record): unsafe filled(record, LDNS_RR_CLASS_NONE, ttl: 0)
        }
    }

    private static func filled(
        _ record: ZoneRecord,
        _ kind: ldns_rr_class,
        ttl: Int
    ) -> UnsafeMutablePointer<ldns_rr>? {
        guard let field = unsafe ldns_rdf_new_frm_str(record.kind.fieldType, record.content) else { return nil }
        guard let result = unsafe empty(record.name, ldns_get_rr_type_by_name(record.kind.rawValue), kind) else {
            unsafe ldns_rdf_deep_free(field)
            return nil
        }
        unsafe ldns_rr_set_ttl(result, UInt32(clamping: ttl))
        _ = unsafe ldns_rr_push_rdf(result, field)
        return unsafe result
    }

    private static func empty(
        _ name: String,
        _ type: ldns_rr_type,
        _ kind: ldns_rr_class
    ) -> UnsafeMutablePointer<ldns_rr>? {
        guard let owner = unsafe ldns_dname_new_frm_str(name), let record = unsafe ldns_rr_new() else { return nil }
        unsafe ldns_rr_set_owner(record, owner)
        unsafe ldns_rr_set_type(record, type)
        unsafe ldns_rr_set_class(record, kind)
        unsafe ldns_rr_set_ttl(record, 0)
        return unsafe record
    }
}

extension DNSRecord.Kind {
    fileprivate var fieldType: ldns_rdf_type {
        switch self {
        case .a: LDNS_RDF_TYPE_A
        case .aaaa: LDNS_RDF_TYPE_AAAA
        case .cname, .ns: LDNS_RDF_TYPE_DNAME
        case .txt: LDNS_RDF_TYPE_STR
        }
    }
}
