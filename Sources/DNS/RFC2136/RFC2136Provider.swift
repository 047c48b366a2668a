public import Model
public import Ports

/// Zones on a name server that takes dynamic updates (RFC 2136) and shows its zones (AXFR, RFC 5936) to whoever holds a
/// key: BIND, Knot, PowerDNS and others.
public struct RFC2136Provider: DNSProvider {
    public let name = "RFC 2136"
    let peer: DNSPeer
    let updater: any DNSClient
    private let configured: [DomainName]

    public init(_ peer: DNSPeer, zones: [DomainName], updater: any DNSClient) {
        (self.peer, configured, self.updater) = (peer, zones, updater)
    }

    /// Those configured; no server has a list to ask for. What is wrong with one of them shows when it is read, and keeps
    /// nobody from the others.
    public func zones() async throws(ProviderError) -> [Zone] {
        configured.map { Zone(name: $0, id: "\($0) at \(peer.server)") }
    }

    public func records(in zone: Zone) async throws(ProviderError) -> [DNSRecord] {
        try await read(zone)
    }

    public func create(_ record: DNSRecord, in zone: Zone) async throws(ProviderError) -> DNSRecord {
        try await written(.create(record), in: zone) ?? record
    }

    public func update(_ old: DNSRecord, to new: DNSRecord, in zone: Zone) async throws(ProviderError) -> DNSRecord {
        try await written(.update(old, to: new), in: zone) ?? new
    }

    public func delete(_ record: DNSRecord, in zone: Zone) async throws(ProviderError) {
        _ = try await written(.delete(record), in: zone)
    }

    private func written(_ change: RecordChange, in zone: Zone) async throws(ProviderError) -> DNSRecord? {
        try await apply([change], in: zone)[0].get()
    }
}
