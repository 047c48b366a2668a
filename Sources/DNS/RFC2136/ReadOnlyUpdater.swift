public import Model

/// Reads zones and changes none: the updates' port of `plan` and dry runs.
public struct ReadOnlyUpdater: DNSUpdater {
    private let base: any DNSUpdater

    public init(_ base: any DNSUpdater) {
        self.base = base
    }

    public func transfer(
        _ zone: DomainName,
        textsBelow label: String,
        from peer: DNSPeer,
        for scope: Scope
    ) async throws(DNSUpdateError) -> [ZoneRecord] {
        try await base.transfer(zone, textsBelow: label, from: peer, for: scope)
    }

    public func update(_ update: DNSUpdate, at peer: DNSPeer, for scope: Scope) async throws(DNSUpdateError) {
        throw .unreachable(reason: "a dry run changes nothing")
    }
}
