public import Model

/// What a run saw of DNS, as far as it matters to certificates.
public struct KnownRecords: Sendable {
    /// Names that stand in a zone, or will when the run is over, by the zone's name; a zone that is not here was not read.
    private let names: [DomainName: [DomainName]]
    /// Whether a record bears this instance's mark.
    let holdsOurs: @Sendable () -> Bool

    public init(names: [DomainName: [DomainName]] = [:], holdsOurs: @escaping @Sendable () -> Bool = { false }) {
        (self.names, self.holdsOurs) = (names, holdsOurs)
    }

    /// Those of `candidates` that resolve only through a wildcard record: any record below such a name would make it a name
    /// of its own, without an address (RFC 4592 §2.2.2). Nil where the zone was not read.
    func shadows(among candidates: [DomainName], in zone: DomainName) -> Set<DomainName>? {
        guard let names = names[zone] else { return nil }
        var nodes: Set<Substring> = []
        for name in names where name.isWithin(zone) { nodes.formUnion(name.ancestry) }
        return Set(candidates.filter { Self.resolvesOnlyByWildcard($0.withoutWildcard, among: nodes, in: zone) })
    }

    private static func resolvesOnlyByWildcard(_ name: DomainName, among nodes: Set<Substring>, in zone: DomainName)
        -> Bool
    {
        guard name != zone, !nodes.contains(name.text[...]) else { return false }
        // The closest name above it that is there; no wildcard further up counts (RFC 4592 §3.3.1).
        let encloser = name.ancestry.dropFirst().first { nodes.contains($0) || $0 == zone.text[...] } ?? zone.text[...]
        return nodes.contains("*.\(encloser)")
    }
}
