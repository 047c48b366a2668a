import DNS
import Model

/// The desired hosts, grouped into lineages. Users type the paths, so these names are an interface: `each` → `live/HOST`
/// (`*.x` → `live/wildcard.x`); `shared` → the given name, for all names of that label; `wildcard` → `live/wildcard.ZONE`,
/// for the zone and `*.ZONE`.
struct RequestedLineages {
    private(set) var requests: [LineageRequest] = []
    /// Steps for hosts that cannot become a request.
    private(set) var steps: [CertificateStep] = []

    private let zones: ZoneDirectory
    private let onDisk: [String: LineageOnDisk]
    private let context: PlannerContext
    private let requestedNames: Set<DomainName>

    init(
        _ hosts: [DesiredHost],
        zones: ZoneDirectory,
        onDisk: [String: LineageOnDisk],
        in context: PlannerContext = PlannerContext()
    ) {
        (self.zones, self.onDisk, self.context) = (zones, onDisk, context)
        requestedNames = Set(hosts.map(\.name))
        var requested: [LineageRequest] = []
        let hosts = withoutLate(hosts)
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

    /// The hosts whose certificates count: of a host that another service had first, only what that one requests.
    private mutating func withoutLate(_ hosts: [DesiredHost]) -> [DesiredHost] {
        let late = Set(hosts.filter(context.first.isLate))
        guard !late.isEmpty else { return hosts }
        let names = Set(late.map(\.name))
        let firsts = hosts.filter { names.contains($0.name) && !late.contains($0) }
        let choices = Dictionary(firsts.map { ($0.name, $0.certificate) }) { first, _ in first }
        return hosts.filter { host in
            guard late.contains(host), host.certificate != .none else { return true }
            guard let choice = choices[host.name], choice != host.certificate else { return true }
            let owner = sanitized(context.first.first(of: host.name) ?? "", limit: 100)
            let wish = choice == .none ? "which requests no certificate for it" : "whose landfall.certificate counts"
            let reason =
                "\(host.origin) requests another certificate for \(host.name), but the name belongs to \(owner), \(wish)"
            steps.append(.rejection(lineage: host.name.text, names: [host.name], sanitized(reason)))
            return false
        }
        .map { late.contains($0) ? $0.withoutProfile : $0 }
    }

    /// One request per label, that is per origin and lineage.
    private static func shared(_ hosts: [DesiredHost]) -> [LineageRequest] {
        Dictionary(grouping: hosts, by: \.origin).flatMap { origin, hosts in
            Dictionary(grouping: hosts, by: \.certificate).compactMap { choice, hosts in
                guard case .shared(let lineage) = choice else { return nil }
                let names = hosts.map(\.name)
                return LineageRequest(
                    lineage: lineage,
                    names: names,
                    hosts: names,
                    origins: [origin],
                    profiles: Set(hosts.compactMap(\.profile)),
                    isFixed: false,
                    isShared: true
                )
            }
        }
    }

    /// Makes one request of those for the same lineage.
    private mutating func merge(_ requested: [LineageRequest]) {
        for (lineage, requests) in Dictionary(grouping: requested, by: \.lineage) {
            var open: [LineageRequest] = []
            for request in requests {
                if let reason = reservation(against: request, among: requests) {
                    steps.append(request.rejection(reason))
                } else {
                    open.append(request)
                }
            }
            let sets = Dictionary(grouping: open, by: \.names).values.map { same in
                same.dropFirst().reduce(same[0]) { $0.serving($1) }
            }
            if !sets.isEmpty { settle(lineage, sets) }
        }
    }

    /// The set that stands goes on, and serves the sets that it contains; others are rejected.
    private mutating func settle(_ lineage: String, _ sets: [LineageRequest]) {
        guard let standing = standing(lineage, sets) else {
            let all = sets.map(\.description).sorted().joined(separator: " and ")
            let reason = "labels request different sets of names under this one name: \(all)"
            let (names, hosts) = (sets.flatMap(\.names), sets.flatMap(\.hosts))
            let request = LineageRequest(lineage: lineage, names: names, hosts: hosts, origins: [], isFixed: true)
            steps.append(request.step(.refuse(reason)))
            return
        }
        var request = standing
        for other in sets where other != standing {
            if standing.covers(other) {
                request = request.serving(other)
            } else {
                steps.append(
                    other.rejection(
                        "live/\(lineage) belongs to \(standing.description), and \(other.description) is another set of names; "
                            + "give it another name with landfall.certificate.name"
                    )
                )
            }
        }
        if let reason = LineageName.rejectionReason(of: lineage) {
            steps.append(request.step(.refuse(reason)))
        } else {
            requests.append(request)
        }
    }

    /// The one of several sets that goes on: of a zone and its wildcard the larger; otherwise that of the service that had
    /// the name first; if that is not known, the one on disk; and if there is none, one that contains all others.
    private func standing(_ lineage: String, _ sets: [LineageRequest]) -> LineageRequest? {
        guard sets.count > 1 else { return sets.first }
        let largest = sets.first { set in sets.allSatisfy(set.covers) }
        if Self.isPlaceOfWildcards(lineage) { return largest }
        let owner = first(of: lineage)
        if let set = sets.first(where: { set in set.origins.contains { $0.description == owner } }) { return set }
        // A certificate holds none that its wildcards cover.
        let names = Set(DomainName.withoutCovered(onDisk[lineage]?.certificate?.names ?? []))
        return sets.first { Set(DomainName.withoutCovered($0.names)) == names } ?? largest
    }

    private func first(of lineage: String) -> String? {
        context.first.first(ofCertificate: lineage) ?? (try? DomainName(lineage)).flatMap(context.first.first(of:))
    }

    /// Why the place of a lineage is not for this request, as a clause; nil where it is, or where the request's certificate
    /// has been there before the rule and no other service requests the place.
    private func reservation(against request: LineageRequest, among requests: [LineageRequest]) -> String? {
        let (lineage, advice) = (request.lineage, "give it another name with landfall.certificate.name")
        if hasItsCertificate(request), !requests.contains(where: { $0.isShared != request.isShared }) { return nil }
        if Self.isPlaceOfWildcards(lineage), request.isShared || !request.names.contains(where: \.isWildcard) {
            let advice = request.isShared ? advice : "use `shared` for it"
            return "names that begin with `wildcard.` are reserved for the certificates of wildcards; \(advice)"
        }
        guard request.isShared else { return nil }
        if let host = try? DomainName(lineage), host.labels.count > 1, isAnotherHost(host, than: request) {
            return "live/\(lineage) is reserved for the host of this name; \(advice)"
        }
        if let owner = absentOwner(of: lineage, among: requests), let present = onDisk[lineage]?.usable?.names,
            !Set(request.names).isSuperset(of: present)
        {
            return "live/\(lineage) belongs to \(owner), which was there until less than an hour ago; \(advice)"
        }
        guard context.origins[lineage] != .issued, let present = onDisk[lineage]?.usable?.names,
            Set(present).isDisjoint(with: request.names)
        else { return nil }
        return
            "live/\(lineage) holds a certificate for \(named(present.map(\.text))) that Landfall did not order; \(advice)"
    }

    /// The service that had the name of a shared certificate first, if it is away for a while.
    private func absentOwner(of lineage: String, among requests: [LineageRequest]) -> String? {
        guard let first = context.first.first(ofCertificate: lineage) else { return nil }
        let isThere = requests.contains { $0.origins.contains { $0.description == first } }
        return isThere ? nil : sanitized(first, limit: 100)
    }

    private static func isPlaceOfWildcards(_ lineage: String) -> Bool { lineage.lowercased().hasPrefix("wildcard.") }

    /// Whether Landfall ordered the certificate there for these names.
    private func hasItsCertificate(_ request: LineageRequest) -> Bool {
        guard context.origins[request.lineage] == .issued, let present = onDisk[request.lineage]?.usable else {
            return false
        }
        return Set(request.names).isSuperset(of: present.names)
    }

    /// Whether a name is, or may become, a host that the request has not.
    private func isAnotherHost(_ host: DomainName, than request: LineageRequest) -> Bool {
        if request.names.contains(host) {
            let first = context.first.first(of: host)
            return first.map { first in !request.origins.contains { $0.description == first } } ?? false
        }
        if requestedNames.contains(host) { return true }
        switch zones.find(host) {
        case .found, .notAllowed, .gone, .unserved: return true
        case .noZone, .unavailable: return false
        }
    }
}

/// The names that labels request under one lineage's name.
struct LineageRequest: Hashable {
    let lineage: String
    /// Each once, in the order in which certbot gets them.
    let names: [DomainName]
    let hosts: [DomainName]
    let origins: Set<Origin>
    /// The authority's profiles that its labels name.
    let profiles: Set<String>
    /// Whether it has to exist under this name, whatever else covers the hosts.
    let isFixed: Bool
    /// Whether the label gives the name.
    let isShared: Bool
    /// The rejected label that may mean names of it which no other label requests.
    private(set) var perhapsRequestedBy: Refusal?

    init(
        lineage: String,
        names: [DomainName],
        hosts: [DomainName],
        origins: Set<Origin>,
        profiles: Set<String> = [],
        isFixed: Bool,
        isShared: Bool = false
    ) {
        (self.lineage, self.origins, self.isFixed, self.isShared) = (lineage, origins, isFixed, isShared)
        self.profiles = profiles
        (self.names, self.hosts) = (Self.ordered(names), Self.ordered(hosts))
    }

    /// What a rejected label may mean: the certificate that is there.
    init(lineage: String, names: [DomainName], by refusal: Refusal) {
        self.init(lineage: lineage, names: names, hosts: names, origins: [], isFixed: true)
        perhapsRequestedBy = refusal
    }

    /// The same request with further names that a rejected label may mean.
    func keeping(_ others: [DomainName], for refusal: Refusal) -> LineageRequest {
        guard !Set(names).isSuperset(of: others) else { return self }
        var request = LineageRequest(
            lineage: lineage,
            names: names + others,
            hosts: hosts,
            origins: origins,
            profiles: profiles,
            isFixed: isFixed,
            isShared: isShared
        )
        request.perhapsRequestedBy = refusal
        return request
    }

    /// Why names that no label requests are on it all the same, a clause.
    var perhapsRequestedText: String? {
        perhapsRequestedBy.map { "it is renewed as it is, because a rejected label may mean it: \($0)" }
    }

    fileprivate init(each host: DesiredHost) {
        let lineage = host.name.isWildcard ? "wildcard.\(host.name.withoutWildcard)" : host.name.text
        self.init(lineage, [host.name], by: host, isFixed: true)
    }

    fileprivate init(wildcardOf zone: DomainName, by host: DesiredHost) {
        self.init("wildcard.\(zone)", [zone, zone.wildcard], by: host, isFixed: false)
    }

    private init(_ lineage: String, _ names: [DomainName], by host: DesiredHost, isFixed: Bool) {
        self.init(
            lineage: lineage,
            names: names,
            hosts: [host.name],
            origins: [host.origin],
            profiles: Set([host.profile].compactMap(\.self)),
            isFixed: isFixed
        )
    }

    /// The profile that its labels name; nil where they name none, or different ones.
    var profile: String? { profiles.count == 1 ? profiles.first : nil }

    /// Whether a certificate for its names serves another request.
    fileprivate func covers(_ other: LineageRequest) -> Bool {
        other.names.allSatisfy { name in names.contains { $0.covers(name) } }
    }

    /// The same names, for the hosts of both.
    fileprivate func serving(_ other: LineageRequest) -> LineageRequest {
        LineageRequest(
            lineage: lineage,
            names: names,
            hosts: hosts + other.hosts,
            origins: origins.union(other.origins),
            profiles: profiles.union(other.profiles),
            isFixed: isFixed || other.isFixed,
            isShared: isShared
        )
    }

    /// Tools show the first name for the whole certificate: never a wildcard where there is a plain name.
    static func ordered(_ names: [DomainName]) -> [DomainName] {
        Set(names).sorted { ($0.withoutWildcard.text, $0.text.count) < ($1.withoutWildcard.text, $1.text.count) }
    }

    /// That its names are not served under this lineage's name.
    fileprivate func rejection(_ reason: String) -> CertificateStep {
        .rejection(lineage: lineage, names: names, hosts: hosts, reason)
    }

    var description: String {
        let origins = origins.map(\.description).sorted().joined(separator: ", ")
        return "\(sanitized(origins)) (\(named(names.map(\.text))))"
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
            remarks: remarks,
            requesters: origins.map(\.description).sorted(),
            profile: profile,
            isShared: isShared
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
        case .found(let entry), .unserved(let entry, _): return covering(host, zone: entry.zone.name)
        case .notAllowed: return .none(.refuse(ChallengeAvailability.notAllowed(host)))
        case .noZone(let searched, let advice):
            return .none(.refuse(ChallengeAvailability.noZone(host, searched: searched, advice: advice)))
        case .gone(let zone, _): return covering(host, zone: zone)
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
