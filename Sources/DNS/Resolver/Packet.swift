import CLDNS
import Glibc
import Model
import Ports

/// The wire form of questions and answers (RFC 1035 §4), by libldns.
enum Packet {
    /// Nil for a name that DNS cannot carry.
    static func encode(_ question: DNSQuestion) -> [UInt8]? {
        var packet: UnsafeMutablePointer<ldns_pkt>?
        let flags = question.recursionDesired ? UInt16(LDNS_RD) : 0
        let status = unsafe ldns_pkt_query_new_frm_str(
            &packet,
            question.name,
            question.kind.type,
            LDNS_RR_CLASS_IN,
            flags
        )
        guard status == LDNS_STATUS_OK, let packet = unsafe packet else { return nil }
        defer { unsafe ldns_pkt_free(packet) }
        unsafe ldns_pkt_set_random_id(packet)
        return unsafe bytes(of: packet)
    }

    static func bytes(of packet: UnsafeMutablePointer<ldns_pkt>) -> [UInt8]? {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        guard unsafe ldns_pkt2wire(&bytes, packet, &count) == LDNS_STATUS_OK, let bytes = unsafe bytes else {
            return nil
        }
        defer { unsafe free(bytes) }
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
    }

    /// Whether the answer was cut to fit a datagram (the TC bit).
    static func isTruncated(_ bytes: [UInt8]) -> Bool { bytes.count > 2 && bytes[2] & 0x02 != 0 }

    /// Nil for anything that is no answer to `question`.
    static func decode(_ bytes: [UInt8], answering question: DNSQuestion) -> DNSAnswer? {
        var packet: UnsafeMutablePointer<ldns_pkt>?
        guard unsafe ldns_wire2pkt(&packet, bytes, bytes.count) == LDNS_STATUS_OK, let packet = unsafe packet else {
            return nil
        }
        defer { unsafe ldns_pkt_free(packet) }
        guard unsafe ldns_pkt_qr(packet), unsafe isAbout(question, packet) else { return nil }
        return unsafe DNSAnswer(
            code: Int(ldns_pkt_get_rcode(packet).rawValue),
            authoritative: ldns_pkt_aa(packet),
            answers: records(ldns_pkt_answer(packet)),
            authority: records(ldns_pkt_authority(packet)),
            additional: records(ldns_pkt_additional(packet))
        )
    }

    /// A server that could not read the question may leave it out; then its code says so.
    private static func isAbout(_ question: DNSQuestion, _ packet: UnsafeMutablePointer<ldns_pkt>) -> Bool {
        let questions = unsafe ldns_pkt_question(packet)
        guard let first = unsafe ldns_rr_list_rr(questions, 0) else {
            return unsafe ldns_pkt_get_rcode(packet) != LDNS_RCODE_NOERROR
        }
        return unsafe ldns_rr_get_type(first) == question.kind.type
            && name(ldns_rr_owner(first)) == question.name.lowercased()
    }

    private static func records(_ list: UnsafeMutablePointer<ldns_rr_list>?) -> [DNSAnswer.Record] {
        unsafe (0..<ldns_rr_list_rr_count(list)).compactMap { unsafe record(ldns_rr_list_rr(list, $0)) }
    }

    /// Nil for a kind that Landfall never queries.
    static func record(_ rr: UnsafeMutablePointer<ldns_rr>?) -> DNSAnswer.Record? {
        let type = unsafe ldns_rr_get_type(rr)
        guard let kind = DNSQuestion.Kind.allCases.first(where: { $0.type == type }) else { return nil }
        let content =
            switch kind {
            case .a, .aaaa: unsafe text(ldns_rr_rdf(rr, 0))
            case .cname, .ns, .soa: unsafe name(ldns_rr_rdf(rr, 0))
            case .txt: unsafe strings(of: rr)
            case .caa: unsafe property(of: rr)
            }
        return DNSAnswer.Record(name: unsafe name(ldns_rr_owner(rr)), kind: kind, content: content)
    }

    /// RFC 1035 §3.3.14: each string is a length byte and that many bytes.
    private static func strings(of rr: UnsafeMutablePointer<ldns_rr>?) -> String {
        var bytes: [UInt8] = []
        for index in unsafe 0..<ldns_rr_rd_count(rr) {
            let field = unsafe ldns_rr_rdf(rr, index)
            guard let start = unsafe ldns_rdf_data(field) else { continue }
            unsafe bytes += UnsafeBufferPointer(start: start, count: ldns_rdf_size(field)).dropFirst()
        }
        return String(outside: bytes)
    }

    /// RFC 8659 §4.1: flags, a tag of a length byte and that many bytes, and a value of all bytes that are left.
    private static func property(of rr: UnsafeMutablePointer<ldns_rr>?) -> String {
        let parts = unsafe (0..<min(3, ldns_rr_rd_count(rr))).map { index in
            let field = unsafe ldns_rr_rdf(rr, index)
            guard let start = unsafe ldns_rdf_data(field) else { return [UInt8]() }
            return unsafe [UInt8](UnsafeBufferPointer(start: start, count: ldns_rdf_size(field)))
        }
        guard parts.count == 3, let flags = parts[0].first else { return "" }
        return "\(flags) \(String(outside: parts[1].dropFirst())) \(String(outside: parts[2]))"
    }

    static func name(_ field: UnsafeMutablePointer<ldns_rdf>?) -> String {
        let name = unsafe text(field).lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    static func text(_ field: UnsafeMutablePointer<ldns_rdf>?) -> String {
        guard let text = unsafe ldns_rdf2str(field) else { return "" }
        defer { unsafe free(text) }
        return unsafe String(outside: String(cString: text))
    }
}

extension DNSQuestion.Kind {
    fileprivate var type: ldns_rr_type {
        switch self {
        case .a: LDNS_RR_TYPE_A
        case .aaaa: LDNS_RR_TYPE_AAAA
        case .cname: LDNS_RR_TYPE_CNAME
        case .ns: LDNS_RR_TYPE_NS
        case .soa: LDNS_RR_TYPE_SOA
        case .txt: LDNS_RR_TYPE_TXT
        case .caa: LDNS_RR_TYPE_CAA
        }
    }
}
