import DNS
import Model
import Ports

/// Desired hosts, gathered into lineages. Lineage names are interface: people type the paths.
///
/// `each` → `live/HOST` (`*.x` → `live/wildcard.x`); `shared` → the given name, all names of that label; `wildcard` →
/// `live/wildcard.ZONE` for the zone and `*.ZONE`.
struct RequestedLineages {
    private(set) var requests: [LineageRequest] = []
    /// What cannot become a request.
    private(set) var steps: [CertificateStep] = []

    init(
        _ hosts: [DesiredHost],
        zones: ZoneDirectory,
        onDisk: [String: LineageOnDisk],
        in world: PlannerContext = PlannerContext()
    ) {
        var asked: [LineageRequest] = []
        for host in hosts {
            switch host.certificate {
            case .none, .shared: continue
            case .each:
                asked.append(LineageRequest(each: host, lineage: Self.lineage(for: host.name)))
            case .wildcard:
                switch WildcardZone.of(host.name, zones: zones, onDisk: onDisk, in: world) {
                case .zone(let zone): asked.append(LineageRequest(wildcardOf: zone, by: host))
                case .none(let action): steps.append(CertificateStep(host, action))
                }
            }
        }
        asked += Self.shared(hosts)
        settle(asked)
    }

    private static func lineage(for name: DomainName) -> String {
        name.isWildcard ? "wildcard.\(name.withoutWildcard)" : name.text
    }

    /// One request per label, that is per origin and lineage.
    private static func shared(_ hosts: [DesiredHost]) -> [LineageRequest] {
        struct Label: Hashable {
            let origin: Origin
            let lineage: String
        }
        var names: [Label: [DomainName]] = [:]
        for host in hosts {
            guard case .shared(let lineage) = host.certificate else { continue }
            names[Label(origin: host.origin, lineage: lineage), default: []].append(host.name)
        }
        return names.map {
            LineageRequest(
                lineage: $0.key.lineage,
                names: $0.value,
                hosts: $0.value,
                origins: [$0.key.origin],
                isFixed: false
            )
        }
    }

    /// Requests of one name with one set are one request; with different sets nobody can tell who is right.
    private mutating func settle(_ asked: [LineageRequest]) {
        for (lineage, requests) in Dictionary(grouping: asked, by: \.lineage) {
            let sets = Dictionary(grouping: requests, by: \.names).map { names, requests in
                LineageRequest(
                    lineage: lineage,
                    names: names,
                    hosts: requests.flatMap(\.hosts),
                    origins: Set(requests.flatMap(\.origins)),
                    isFixed: requests.contains(where: \.isFixed)
                )
            }
            if let reason = Self.reasonAgainst(lineage, sets) {
                let all = LineageRequest(
                    lineage: lineage,
                    names: sets.flatMap(\.names),
                    hosts: sets.flatMap(\.hosts),
                    origins: [],
                    isFixed: true
                )
                steps.append(all.step(.refuse(reason)))
            } else {
                self.requests += sets
            }
        }
    }

    private static func reasonAgainst(_ lineage: String, _ sets: [LineageRequest]) -> String? {
        guard sets.count == 1 else {
            let who = sets.map(\.description).sorted().joined(separator: " and ")
            return "different sets of names are asked for under this one name: \(who)"
        }
        if let problem = LineageName.problem(with: lineage) { return problem }
        guard sets[0].names.count <= nameLimit else { return "a certificate holds at most \(nameLimit) names" }
        return nil
    }

    /// Let's Encrypt's (https://letsencrypt.org/docs/rate-limits/).
    private static let nameLimit = 100
}

extension LineageRequest {
    fileprivate init(each host: DesiredHost, lineage: String) {
        self.init(lineage: lineage, names: [host.name], hosts: [host.name], origins: [host.origin], isFixed: true)
    }

    fileprivate init(wildcardOf zone: DomainName, by host: DesiredHost) {
        self.init(
            lineage: "wildcard.\(zone)",
            names: [zone, zone.wildcard],
            hosts: [host.name],
            origins: [host.origin],
            isFixed: false
        )
    }
}

extension CertificateStep {
    /// For a host whose zone, and so whose wildcard lineage, is not known.
    fileprivate init(_ host: DesiredHost, _ action: Action) {
        let zone = host.name.withoutWildcard.parent ?? host.name
        self.init(lineage: "wildcard.\(zone)", names: [host.name], action: action)
    }
}
