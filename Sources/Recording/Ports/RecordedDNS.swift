import Model
import Ports

/// DNS, recorded or replayed. Of a key not even the name is recorded.
struct RecordedDNS: DNSClient {
    let calls: PortCalls<any DNSClient>

    func query(_ question: DNSQuestion, at server: DNSServer, for scope: Scope) async throws(DNSQueryError) -> DNSAnswer
    {
        let recursion = question.recursionDesired ? " rd" : ""
        return try await calls.async(
            "\(question.kind.rawValue) \(question.name) @\(server)\(recursion)",
            for: scope,
            failure: { _ in .unreachable(server) }
        ) { dns throws(DNSQueryError) in
            try await dns.query(question, at: server, for: scope)
        }
    }

    func transfer(
        _ zone: DomainName,
        textsBelow label: String,
        from peer: DNSPeer,
        for scope: Scope
    ) async throws(DNSUpdateError) -> [ZoneRecord] {
        try await calls.async(
            "AXFR \(zone) @\(peer.server)",
            for: scope,
            limit: Self.updateLimit,
            failure: DNSUpdateError.unreachable,
            interruption: .silent,
            size: { $0.value.count * 64 }
        ) { dns throws(DNSUpdateError) in
            AsBlob(try await dns.transfer(zone, textsBelow: label, from: peer, for: scope))
        }.value
    }

    func update(_ update: DNSUpdate, at peer: DNSPeer, for scope: Scope) async throws(DNSUpdateError) {
        _ = try await calls.async(
            "UPDATE \(update.zone) @\(peer.server)\n\(update)",
            for: scope,
            changes: true,
            limit: Self.updateLimit,
            failure: DNSUpdateError.unreachable,
            interruption: .silent
        ) { dns throws(DNSUpdateError) in
            try await dns.update(update, at: peer, for: scope)
            return Done()
        }
    }

    private static let updateLimit = Duration.seconds(60)
}

/// A value that is recorded as bytes of JSON, so that a large one that did not change is written only once.
private struct AsBlob<Value: Codable & Sendable>: Codable, Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }

    init(from decoder: any Decoder) throws {
        value = try decodeJSON(from: Bytes(from: decoder).wrappedValue)
    }

    func encode(to encoder: any Encoder) throws {
        try Bytes(encodeJSON(value)).encode(to: encoder)
    }
}
