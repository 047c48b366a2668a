import DNS
import Model

/// The desired hosts, grouped into lineages. Users type the paths, so these names are an interface: `each` → `live/HOST`
/// (`*.x` → `live/wildcard.x`); `shared` → the given name, for all names of that label; `wildcard` → `live/wildcard.ZONE`,
/// for the zone and `*.ZONE`.
struct RequestedLineages {
    private(set) var requests: [LineageRequest] = []
    /// Steps for hosts that cannot become a request.
    private(set) var steps: [CertificateStep] = []

    init(
        _ hosts: [DesiredHost],
        zones: ZoneDirectory,
        onDisk: [String: LineageOnDisk],
        in context: PlannerContext = PlannerContext()
    ) {
        var requested: [LineageRequest] = []
        for host in hosts {
            switch host.certificate {
            case .none, .shared: continue
            case .each: requested.append(LineageRequest(each: host))
            case .wildcard:
                switch WildcardZone.find(for: host.name, zones: zones, onDisk: onDisk, in: context) {
                case .zone(let zone): requested.append(LineageRequest(wildcardOf: zone, by: host))
                case .none(let action):
                    // Its zone, and so its wildcard lineage, is not known.
                    let lineage = "wildcard.\(host.name.withoutWildcard.parent ?? host.name)"
                    steps.append(CertificateStep(lineage: lineage, names: [host.name], action: action))
                }
            }
        }
        merge(requested + Self.shared(hosts))
    }

    /// One request per label, that is per origin and lineage.
    private static func shared(_ hosts: [DesiredHost]) -> [LineageRequest] {
        Dictionary(grouping: hosts, by: \.origin).flatMap { origin, hosts in
            Dictionary(grouping: hosts, by: \.certificate).compactMap { choice, hosts in
                guard case .shared(let lineage) = choice else { return nil }
                let names = hosts.map(\.name)
                return LineageRequest(lineage: lineage, names: names, hosts: names, origins: [origin], isFixed: false)
            }
        }
    }

    /// Makes one request of those for the same lineage and names. With different names it is unknown which is right.
    private mutating func merge(_ requested: [LineageRequest]) {
        for (lineage, requests) in Dictionary(grouping: requested, by: \.lineage) {
            let sets = Dictionary(grouping: requests, by: \.names).map { names, requests in
                LineageRequest(
                    lineage: lineage,
                    names: names,
                    hosts: requests.flatMap(\.hosts),
                    origins: Set(requests.flatMap(\.origins)),
                    isFixed: requests.contains(where: \.isFixed)
                )
            }
            guard let reason = Self.reason(against: lineage, sets) else {
                self.requests += sets
                continue
            }
            let (names, hosts) = (sets.flatMap(\.names), sets.flatMap(\.hosts))
            let all = LineageRequest(lineage: lineage, names: names, hosts: hosts, origins: [], isFixed: true)
            steps.append(all.step(.refuse(reason)))
        }
    }

    private static func reason(against lineage: String, _ sets: [LineageRequest]) -> String? {
        guard sets.count == 1 else {
            let all = sets.map(\.description).sorted().joined(separator: " and ")
            return "labels request different sets of names under this one name: \(all)"
        }
        if let reason = LineageName.rejectionReason(of: lineage) { return reason }
        guard sets[0].names.count <= nameLimit else { return "a certificate holds at most \(nameLimit) names" }
        return nil
    }

    /// Let's Encrypt's (https://letsencrypt.org/docs/rate-limits/).
    private static let nameLimit = 100
}

/// The names that labels request under one lineage's name.
struct LineageRequest: Hashable {
    let lineage: String
    /// Each once, in the order in which certbot gets them.
    let names: [DomainName]
    let hosts: [DomainName]
    let origins: Set<Origin>
    /// Whether it has to exist under this name, whatever else covers the hosts.
    let isFixed: Bool

    init(lineage: String, names: [DomainName], hosts: [DomainName], origins: Set<Origin>, isFixed: Bool) {
        (self.lineage, self.origins, self.isFixed) = (lineage, origins, isFixed)
        (self.names, self.hosts) = (Self.ordered(names), Self.ordered(hosts))
    }

    fileprivate init(each host: DesiredHost) {
        let lineage = host.name.isWildcard ? "wildcard.\(host.name.withoutWildcard)" : host.name.text
        self.init(lineage: lineage, names: [host.name], hosts: [host.name], origins: [host.origin], isFixed: true)
    }

    fileprivate init(wildcardOf zone: DomainName, by host: DesiredHost) {
        let (lineage, names) = ("wildcard.\(zone)", [zone, zone.wildcard])
        self.init(lineage: lineage, names: names, hosts: [host.name], origins: [host.origin], isFixed: false)
    }

    /// Tools show the first name for the whole certificate: never a wildcard where there is a plain name.
    private static func ordered(_ names: [DomainName]) -> [DomainName] {
        Set(names).sorted { ($0.withoutWildcard.text, $0.text.count) < ($1.withoutWildcard.text, $1.text.count) }
    }

    var description: String {
        let origins = origins.map(\.description).sorted().joined(separator: ", ")
        return "\(origins) (\(names.map(\.text).joined(separator: ", ")))"
    }

    /// - Parameter names: those that the step is about; nil: all.
    func step(
        _ action: CertificateStep.Action,
        names: [DomainName]? = nil,
        coveredBy: String? = nil,
        renewal: CertificateStep.Renewal? = nil,
        remarks: [String] = []
    ) -> CertificateStep {
        let names = names ?? self.names
        // The hosts of a wildcard are not among its names.
        let covering = Set(names)
        let affected = hosts.filter { host in
            covering.contains(host) || host.parent.map { !host.isWildcard && covering.contains($0.wildcard) } ?? false
        }
        return CertificateStep(
            lineage: lineage,
            names: names,
            hosts: affected,
            action: action,
            coveredBy: coveredBy,
            renewal: renewal,
            remarks: remarks
        )
    }
}

/// The zone whose `wildcard` certificate a host is to use.
private enum WildcardZone {
    case zone(DomainName)
    case none(CertificateStep.Action)

    static func find(
        for host: DomainName,
        zones: ZoneDirectory,
        onDisk: [String: LineageOnDisk],
        in context: PlannerContext
    ) -> WildcardZone {
        switch zones.find(host) {
        case .noZone where context.pluginSolvesChallenges:
            // Where no provider knows the zone, the registrable domain is the only one that is sure to be a zone.
            guard let domain = host.registrableDomain else {
                return .none(.refuse(ChallengeAvailability.noZone(host, searched: [])))
            }
            return covering(host, zone: domain)
        case .found(let entry): return covering(host, zone: entry.zone.name)
        case .notAllowed: return .none(.refuse(ChallengeAvailability.notAllowed(host)))
        case .noZone(let searched): return .none(.refuse(ChallengeAvailability.noZone(host, searched: searched)))
        case .unavailable(let reason):
            // The disk shows which wildcard the host has been using.
            let candidates = [host.withoutWildcard, host.parent].compactMap { $0 }
            let known = candidates.first { onDisk["wildcard.\($0)"]?.usable?.names.contains($0.wildcard) ?? false }
            return known.map(WildcardZone.zone) ?? .none(.wait(ChallengeAvailability.unavailable(reason)))
        }
    }

    private static func covering(_ host: DomainName, zone: DomainName) -> WildcardZone {
        guard host == zone || host == zone.wildcard || zone.wildcard.covers(host) else {
            let reason = "*.\(zone) covers exactly one label, so it does not cover \(host); use `each` or `shared`"
            return .none(.refuse(reason))
        }
        return .zone(zone)
    }
}
