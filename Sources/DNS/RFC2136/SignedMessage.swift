import CLDNS
import Glibc
import Model
import Ports

/// A message in wire form, signed with a key (RFC 8945), by libldns.
struct SignedMessage: Sendable {
    let bytes: [UInt8]
    /// The signature, which goes into that of the answer.
    let signature: Signature
    /// RFC 1035 §4.1.1.
    private let id: UInt16

    /// A message authentication code with its two bytes of length, as a TSIG record has it.
    typealias Signature = [UInt8]

    /// How far the clocks may be apart, in seconds (RFC 8945 §10).
    private static let fudge: UInt16 = 300

    /// Frees `packet`. Nil when it cannot be written or signed.
    init?(_ packet: UnsafeMutablePointer<ldns_pkt>, key: TSIGKey) {
        defer { unsafe ldns_pkt_free(packet) }
        unsafe ldns_pkt_set_random_id(packet)
        id = unsafe ldns_pkt_id(packet)
        let algorithm = key.algorithm.rawValue + "."
        guard
            unsafe ldns_pkt_tsig_sign(packet, key.name, key.secret.revealed, Self.fudge, algorithm, nil)
                == LDNS_STATUS_OK,
            let signature = unsafe Self.signature(of: packet),
            let bytes = unsafe Packet.bytes(of: packet)
        else { return nil }
        (self.bytes, self.signature) = (bytes, signature)
    }

    /// Reads a message that answers this one.
    ///
    /// - Parameters:
    ///   - previous: nil for the first; else the signature before it (RFC 8945 §5.3.1).
    ///   - body: gets the packet, which is gone afterwards, and its signature; nil unless that is the key's.
    func read<Value>(
        _ answer: [UInt8],
        key: TSIGKey,
        after previous: Signature?,
        _ body: (UnsafeMutablePointer<ldns_pkt>, Signature?) -> Value
    ) -> Value? {
        var packet: UnsafeMutablePointer<ldns_pkt>?
        guard unsafe ldns_wire2pkt(&packet, answer, answer.count) == LDNS_STATUS_OK, let packet = unsafe packet else {
            return nil
        }
        defer { unsafe ldns_pkt_free(packet) }
        guard unsafe ldns_pkt_qr(packet), unsafe ldns_pkt_id(packet) == id else { return nil }
        let signature = unsafe Self.signature(of: packet)
        let isSigned = unsafe isSigned(packet, answer, key, after: previous)
        return unsafe body(packet, isSigned ? signature : nil)
    }

    private func isSigned(
        _ packet: UnsafeMutablePointer<ldns_pkt>,
        _ bytes: [UInt8],
        _ key: TSIGKey,
        after previous: Signature?
    ) -> Bool {
        // The library takes whatever algorithm the answer names.
        guard let record = unsafe ldns_pkt_tsig(packet),
            unsafe Packet.text(ldns_rr_rdf(record, 0)).lowercased() == key.algorithm.rawValue + "."
        else { return false }
        let earlier = previous ?? signature
        let field = unsafe ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT16_DATA, earlier.count, earlier)
        defer { unsafe ldns_rdf_deep_free(field) }
        return unsafe ldns_pkt_tsig_verify_next(
            packet,
            bytes,
            bytes.count,
            key.name,
            key.secret.revealed,
            field,
            previous == nil ? 0 : 1
        )
    }

    private static func signature(of packet: UnsafeMutablePointer<ldns_pkt>) -> Signature? {
        guard let record = unsafe ldns_pkt_tsig(packet), let field = unsafe ldns_rr_rdf(record, 3),
            let start = unsafe ldns_rdf_data(field)
        else { return nil }
        return unsafe [UInt8](UnsafeBufferPointer(start: start, count: ldns_rdf_size(field)))
    }
}
