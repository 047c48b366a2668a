import CLDNS
import Glibc
public import Model
public import Ports
import Threads

/// DNS by libldns: every query on a thread of its own, for the library and the sockets block.
public struct LDNSResolver: DNSResolver {
    /// Names times servers are asked at once, and each has a thread.
    private static let width = 32

    private let tryLimit: Duration
    private let gate = AsyncSemaphore(width: width)

    /// `limit` is for the two tries over UDP together; an answer that was cut has half of it more, over TCP.
    public init(limit: Duration = .seconds(2)) {
        tryLimit = limit / 2
    }

    public func query(
        _ question: DNSQuestion,
        at server: DNSServer,
        for scope: Scope
    ) async throws(DNSQueryError) -> DNSAnswer {
        let conversation = QueryAttempt(question: question, server: server, tryLimit: tryLimit)
        let result = try? await gate.pass { try await blocking(named: "dns") { conversation.run() } }
        guard let result else { throw .unreachable(server) }
        return try result.get()
    }
}

/// One question put to one server.
private struct QueryAttempt: Sendable {
    let question: DNSQuestion
    let server: DNSServer
    let tryLimit: Duration

    func run() -> Result<DNSAnswer, DNSQueryError> {
        guard let query = Packet.encode(question) else { return .failure(.malformed(server)) }
        guard var bytes = exchange(query, tcp: false) ?? exchange(query, tcp: false) else {
            return .failure(.unreachable(server))
        }
        if Packet.isTruncated(bytes) {
            guard let whole = exchange(query, tcp: true) else { return .failure(.unreachable(server)) }
            bytes = whole
        }
        guard let answer = Packet.decode(bytes, answering: question) else { return .failure(.malformed(server)) }
        return .success(answer)
    }

    private func exchange(_ query: [UInt8], tcp: Bool) -> [UInt8]? {
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
