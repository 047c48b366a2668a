import DNS
import Model

/// The zone whose `wildcard` certificate a host is to use.
enum WildcardZone {
    case zone(DomainName)
    case none(CertificateStep.Action)

    static func of(_ host: DomainName, zones: ZoneDirectory, onDisk: [String: LineageOnDisk], in world: PlannerContext)
        -> WildcardZone
    {
        switch zones.find(host) {
        case .noZone where world.pluginAnswers:
            // Of a zone that is nobody's here only the registered domain is sure to be one.
            guard let domain = host.registrableDomain else {
                return .none(.refuse(DNSReach.noZone(host, searched: [])))
            }
            return covering(host, zone: domain)
        case .found(let entry): return covering(host, zone: entry.zone.name)
        case .notAllowed: return .none(.refuse(DNSReach.notAllowed(host)))
        case .noZone(let searched): return .none(.refuse(DNSReach.noZone(host, searched: searched)))
        case .unavailable(let reason):
            // The disk knows which wildcard the host has been using.
            let candidates = [host.withoutWildcard, host.parent].compactMap { $0 }
            let known = candidates.first { onDisk["wildcard.\($0)"]?.usable?.names.contains($0.wildcard) ?? false }
            return known.map(WildcardZone.zone) ?? .none(.wait(DNSReach.unavailable(reason)))
        }
    }

    private static func covering(_ host: DomainName, zone: DomainName) -> WildcardZone {
        guard host == zone || host == zone.wildcard || zone.wildcard.covers(host) else {
            let reason = "*.\(zone) stands for exactly one label and does not cover \(host)"
            return .none(.refuse("\(reason); use `each` or `shared`"))
        }
        return .zone(zone)
    }
}
