import CLDNS
import Glibc
package import Model
package import Ports
import Threads

/// DNS by libldns. The library and its sockets block, so each query, update and transfer has a thread of its own.
package struct LDNSClient: DNSClient {
    private let tryLimit: Duration
    private let updateLimit: Duration
    private let queries = AsyncSemaphore(width: 32)
    /// Transfers among them.
    private let updates = AsyncSemaphore(width: 8)

    /// - Parameters:
    ///   - queryLimit: for both tries over UDP; after a truncated answer, TCP gets at most half of this.
    ///   - updateLimit: for the connection, for the sending, and for each message of the answer.
    package init(queryLimit: Duration = .seconds(2), updateLimit: Duration = .seconds(10)) {
        (tryLimit, self.updateLimit) = (queryLimit / 2, updateLimit)
    }
}

/// Updates and transfers go over TCP: they may be large, and over UDP a lost update could not be told from a made one.
extension LDNSClient {
    package func transfer(
        _ zone: DomainName,
        textsBelow label: String,
        from peer: DNSPeer,
        for scope: Scope
    ) async throws(DNSUpdateError) -> [ZoneRecord] {
        try await onThread { () throws(DNSUpdateError) in
            guard let packet = unsafe UpdatePacket.transfer(of: zone) else { throw .malformed }
            var transfer = ZoneTransfer(textsBelow: label)
            try unsafe SignedExchange(peer: peer, limit: updateLimit).run(packet) { packet throws(DNSUpdateError) in
                try unsafe transfer.read(packet)
            }
            return transfer.records
        }
    }

    package func update(_ update: DNSUpdate, at peer: DNSPeer, for scope: Scope) async throws(DNSUpdateError) {
        try await onThread { () throws(DNSUpdateError) in
            guard let packet = unsafe UpdatePacket.update(update) else {
                throw .unreachable(reason: "DNS cannot carry this message")
            }
            try unsafe SignedExchange(peer: peer, limit: updateLimit).run(packet) { _ in true }
        }
    }

    private func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws(DNSUpdateError) -> Value
    ) async throws(DNSUpdateError) -> Value {
        let result = try? await updates.pass {
            try await blocking(named: "dns update") { Result { () throws(DNSUpdateError) in try body() } }
        }
        guard let result else { throw .unreachable(reason: "it was not asked any more") }
        return try result.get()
    }
}

/// Questions go over UDP, tried twice, and over TCP where the answer was truncated.
extension LDNSClient {
    package func query(
        _ question: DNSQuestion,
        at server: DNSServer,
        for scope: Scope
    ) async throws(DNSQueryError) -> DNSAnswer {
        let result = try? await queries.pass {
            try await blocking(named: "dns") { Result { () throws(DNSQueryError) in try ask(question, at: server) } }
        }
        guard let result else { throw .unreachable(server) }
        return try result.get()
    }

    private func ask(_ question: DNSQuestion, at server: DNSServer) throws(DNSQueryError) -> DNSAnswer {
        guard let query = Packet.encode(question) else { throw .malformed(server) }
        var bytes = exchange(query, with: server, tcp: false) ?? exchange(query, with: server, tcp: false)
        if bytes.map(Packet.isTruncated) == true { bytes = exchange(query, with: server, tcp: true) }
        guard let bytes else { throw .unreachable(server) }
        guard let answer = Packet.decode(bytes, answering: question) else { throw .malformed(server) }
        return answer
    }

    private func exchange(_ query: [UInt8], with server: DNSServer, tcp: Bool) -> [UInt8]? {
        var answer = [UInt8](repeating: 0, count: Int(UInt16.max))
        let count = unsafe landfall_dns_exchange(
            server.address.description,
            server.port,
            tcp,
            query,
            query.count,
            &answer,
            answer.count,
            Int32(clamping: tryLimit.milliseconds)
        )
        return count > 0 ? Array(answer.prefix(Int(count))) : nil
    }
}
