import CLDNS
import Glibc
public import Model
public import Ports
import Threads

/// Updates and zone transfers by libldns, each on a thread of its own, for the library and the sockets block.
///
/// All of it goes over TCP: transfers have to, an update may be large, and one that is lost on the way could not be told
/// from one that was made.
public struct LDNSUpdater: DNSUpdater {
    /// Side by side; each has a thread.
    private static let width = 8

    private let limit: Duration
    private let gate = AsyncSemaphore(width: width)

    /// - Parameter limit: for the connection, for the sending, and for each message of the answer.
    public init(limit: Duration = .seconds(10)) {
        self.limit = limit
    }

    public func transfer(
        _ zone: DomainName,
        textsBelow label: String,
        from peer: DNSPeer,
        for scope: Scope
    ) async throws(DNSUpdateError) -> [ZoneRecord] {
        try await exchange(with: peer) { () throws(DNSUpdateError) in
            guard let packet = unsafe UpdatePacket.transfer(of: zone) else { throw .malformed }
            var transfer = ZoneTransfer(textsBelow: label)
            try unsafe conversation(with: peer).run(packet) { packet throws(DNSUpdateError) in
                try unsafe transfer.take(packet)
            }
            return transfer.records
        }
    }

    public func update(_ update: DNSUpdate, at peer: DNSPeer, for scope: Scope) async throws(DNSUpdateError) {
        try await exchange(with: peer) { () throws(DNSUpdateError) in
            guard let packet = unsafe UpdatePacket.update(update) else {
                throw .unreachable(reason: "DNS cannot carry this message")
            }
            try unsafe conversation(with: peer).run(packet) { _ in true }
        }
    }

    private func conversation(with peer: DNSPeer) -> SignedConversation {
        SignedConversation(peer: peer, limit: limit, wholeLimit: limit * 6)
    }

    private func exchange<Value: Sendable>(
        with peer: DNSPeer,
        _ body: @escaping @Sendable () throws(DNSUpdateError) -> Value
    ) async throws(DNSUpdateError) -> Value {
        let result = try? await gate.pass {
            try await blocking(named: "dns update") { Result { () throws(DNSUpdateError) in try body() } }
        }
        guard let result else { throw .unreachable(reason: "it was not asked any more") }
        return try result.get()
    }
}
