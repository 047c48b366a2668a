import CLDNS
import Glibc
import Model
import Ports
import Timing

/// A connection to a server on which one signed message is answered by one or more; blocks.
struct SignedExchange {
    let peer: DNSPeer
    /// For the connection, for the sending, and for each message of the answer.
    let limit: Duration

    /// Frees `packet`. `read` gets each packet of the answer, and returns whether it is the last one.
    func run(
        _ packet: UnsafeMutablePointer<ldns_pkt>,
        _ read: (UnsafeMutablePointer<ldns_pkt>) throws(DNSUpdateError) -> Bool
    ) throws(DNSUpdateError) {
        guard let message = unsafe SignedMessage(packet, key: peer.key) else {
            throw .unreachable(reason: "the message cannot be signed with this key")
        }
        let (server, milliseconds) = (peer.server, Int32(clamping: limit.milliseconds))
        let descriptor = unsafe landfall_dns_connect(server.address.description, server.port, milliseconds)
        guard descriptor >= 0 else { throw .unreachable(reason: unsafe String(cString: strerror(-descriptor))) }
        defer { close(descriptor) }
        guard unsafe landfall_dns_send(descriptor, message.bytes, message.bytes.count, milliseconds) == 0 else {
            throw .silent
        }
        try unsafe receive(from: descriptor, answering: message, read)
    }

    private func receive(
        from descriptor: Int32,
        answering message: SignedMessage,
        _ read: (UnsafeMutablePointer<ldns_pkt>) throws(DNSUpdateError) -> Bool
    ) throws(DNSUpdateError) {
        let deadline = SystemClock().uptime + limit * 6
        var buffer = [UInt8](repeating: 0, count: Int(UInt16.max))
        var previous: SignedMessage.Signature?
        while true {
            let left = Int32(clamping: min(limit, deadline - SystemClock().uptime).milliseconds)
            let count = unsafe landfall_dns_receive(descriptor, &buffer, buffer.count, left)
            guard count >= 0 else { throw .silent }
            let result = unsafe message.read(Array(buffer[..<Int(count)]), key: peer.key, after: previous) {
                packet,
                signature in
                Result { () throws(DNSUpdateError) in
                    try unsafe Self.refuse(packet)
                    guard let signature else { throw .unsigned }
                    return (signature, isLast: try unsafe read(packet))
                }
            }
            guard let (signature, isLast) = try result?.get() else { throw .malformed }
            if isLast { return }
            previous = signature
        }
    }

    /// A refusal counts even if it is not signed: the key may be what is wrong, and a refusal changes nothing.
    private static func refuse(_ packet: UnsafeMutablePointer<ldns_pkt>) throws(DNSUpdateError) {
        let code = unsafe Int(ldns_pkt_get_rcode(packet).rawValue)
        guard code != 0 else { return }
        var keyError = 0
        if let record = unsafe ldns_pkt_tsig(packet), let field = unsafe ldns_rr_rdf(record, 5) {
            keyError = unsafe Int(ldns_rdf2native_int16(field))
        }
        throw .refused(code: code, keyError: keyError)
    }
}
