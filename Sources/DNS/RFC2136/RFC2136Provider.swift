package import Model
package import Ports

/// Zones on a name server that takes dynamic updates (RFC 2136) and transfers its zones (AXFR, RFC 5936) to clients with a
/// key: BIND, Knot, PowerDNS and others.
package struct RFC2136Provider: DNSProvider {
    package let name = "RFC 2136"
    let peer: DNSPeer
    let updater: any DNSClient
    private let configured: [DomainName]

    package init(_ peer: DNSPeer, zones: [DomainName], updater: any DNSClient) {
        (self.peer, configured, self.updater) = (peer, zones, updater)
    }

    /// The configured zones; a server has no list of them. An error of one shows when it is read.
    package func zones() async throws(ProviderError) -> [Zone] {
        configured.map { Zone(name: $0, id: "\($0) at \(peer.server)", nameServers: ["\(peer.server)"]) }
    }

    /// Seconds; each value is queried only once.
    private static let challengeTTL = 60

    package func publishChallenge(
        _ value: String,
        at name: String,
        in zone: Zone
    ) async throws(ProviderError) -> ChallengeRecord {
        let record = try Self.record(value, name)
        // An alias allows no other record, and BIND would not report an error.
        let isFree = DNSUpdate.Prerequisite.absent(name: record.name, type: "CNAME")
        let update = DNSUpdate(zone: zone.name, prerequisites: [isFree], changes: [.add(record)])
        do throws(DNSUpdateError) {
            try await send(update, for: zone.scope(ofChallengeAt: name))
        } catch .refused(code: ResponseCode.recordsExist, keyError: 0) {
            throw .rejected("there is an alias at \(name)")
        } catch {
            throw error.explained("edit the zone \(zone.name)", with: peer)
        }
        return ChallengeRecord(id: value, name: name, value: value)
    }

    package func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        let record = try Self.record(record.value, record.name)
        do throws(DNSUpdateError) {
            let update = DNSUpdate(zone: zone.name, changes: [.remove(record)])
            try await send(update, for: zone.scope(ofChallengeAt: record.name))
        } catch {
            throw error.explained("edit the zone \(zone.name)", with: peer)
        }
    }

    /// Asked again once where no answer came: made twice, it is as if made once.
    private func send(_ update: DNSUpdate, for scope: Scope) async throws(DNSUpdateError) {
        do throws(DNSUpdateError) {
            try await updater.update(update, at: peer, for: scope)
        } catch .silent {
            try await updater.update(update, at: peer, for: scope)
        }
    }

    private static func record(_ value: String, _ name: String) throws(ProviderError) -> ZoneRecord {
        let record = ZoneRecord(name: name.lowercased(), kind: .txt, content: value, ttl: challengeTTL)
        try record.checkText()
        return record
    }
}
