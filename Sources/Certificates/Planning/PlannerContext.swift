package import DNS
package import Model

/// The planner's inputs besides labels, zones, disk and clock.
struct PlannerContext: Sendable {
    var server = CertbotSettings.production
    /// What the authority certifies at all.
    var rules = CertificateRules.none
    /// The profile of certificates whose labels name none.
    var profile: String?
    /// The renewal windows that authorities suggest, by certificates' renewal IDs.
    var windows: [String: RenewalWindow] = [:]
    /// How each known lineage came about.
    var origins: [String: LineageOrigin] = [:]
    /// Why the clock is not believed; nil when it is.
    var clockReason: String?
    /// Why nothing may be ordered at all; nil when it may.
    var holdReason: String?
    /// Whether a person asks for the run, who may have mended what failed: no pause after a failure counts then.
    var isByHand = false
    /// Whether a plugin of certbot's solves the challenges, in whatever zone.
    var pluginSolvesChallenges = false
    /// The provider whose zones that plugin writes, `Cloudflare`; nil where it is none of Landfall's.
    var pluginProvider: String?
    /// Names whose challenges could not be answered.
    var rejectedChallenges: [DomainName: ChallengePlaces.Rejection] = [:]
    /// Names that resolve only through a wildcard record, which a challenge would take from them.
    var wildcardOnlyNames: Set<DomainName> = []
    /// Why the authority will not certify a name: its CAA records, a sentence.
    var refusedByCAA: [DomainName: String] = [:]
    /// Which service had each host, and each name of a shared certificate, first.
    var first = FirstRequesters()
    /// Labels that are rejected and may mean a certificate.
    var rejected = RejectedRequests()

    /// Whether the plugin publishes in a zone as Landfall would.
    func writes(_ entry: ZoneDirectory.Entry) -> Bool { entry.provider.name == pluginProvider }
}

/// Labels that are rejected today, and may mean what no other label requests.
struct RejectedRequests: Sendable {
    /// By their service, as `Origin.description`; of each service the first one.
    private var byService: [String: Refusal] = [:]
    /// The services that requested each lineage the last time.
    private var requesters: [String: [String]] = [:]
    /// A folder that could not be read, so that any file of it may mean a lineage.
    private var folder: Refusal?

    init(_ refusals: [Refusal] = [], requesters: [String: [String]] = [:]) {
        for refusal in refusals where refusal.mayMeanCertificate {
            if refusal.label == Refusal.folderLabel { folder = folder ?? refusal }
            let service = refusal.origin.description
            byService[service] = byService[service] ?? refusal
        }
        self.requesters = requesters
    }

    /// The label that may mean a lineage: one of a service that requested it the last time, or any where that is not known.
    func refusal(of lineage: String) -> Refusal? {
        guard let known = requesters[lineage] else { return byService.values.min { "\($0)" < "\($1)" } }
        let own = known.lazy.compactMap { byService[$0] }.first
        return own ?? (known.contains { $0.hasPrefix("\(Origin.Kind.file.rawValue) ") } ? folder : nil)
    }
}

/// The DNS records that a run has read, as far as they matter to certificates.
package struct KnownRecords: Sendable {
    /// Names that exist in a zone, or will when the run is over, by the zone's name; a zone that is missing was not read.
    private let names: [DomainName: [DomainName]]
    /// Of the zones that were read, by their names.
    package let cuts: [DomainName: ZoneCuts]
    /// Whether a record is marked as this instance's.
    let holdsOurs: @Sendable () -> Bool

    package init(
        names: [DomainName: [DomainName]] = [:],
        cuts: [DomainName: ZoneCuts] = [:],
        holdsOurs: @escaping @Sendable () -> Bool = { false }
    ) {
        (self.names, self.cuts, self.holdsOurs) = (names, cuts, holdsOurs)
    }

    /// Those of `candidates` that resolve only through a wildcard record: any record below such a name would make it a name
    /// of its own, without an address (RFC 4592 §2.2.2). Nil where the zone was not read.
    func wildcardOnly(among candidates: [DomainName], in zone: DomainName) -> Set<DomainName>? {
        guard let names = names[zone] else { return nil }
        var nodes: Set<Substring> = []
        for name in names where name.isWithin(zone) { nodes.formUnion(name.ancestry) }
        return Set(candidates.filter { Self.resolvesOnlyByWildcard($0.withoutWildcard, among: nodes, in: zone) })
    }

    private static func resolvesOnlyByWildcard(_ name: DomainName, among nodes: Set<Substring>, in zone: DomainName)
        -> Bool
    {
        guard name != zone, !nodes.contains(name.text[...]) else { return false }
        // The closest existing name above it; no wildcard further up counts (RFC 4592 §3.3.1).
        let encloser = name.ancestry.dropFirst().first { nodes.contains($0) || $0 == zone.text[...] } ?? zone.text[...]
        return nodes.contains("*.\(encloser)")
    }
}
