import DNS
import Model
import Ports

/// For which of a request's names a dns-01 challenge can be answered now.
struct DNSReach {
    private(set) var served: [DomainName] = []
    private(set) var refused: [(name: DomainName, reason: String)] = []
    private(set) var unavailable: String?

    init(_ names: [DomainName], zones: ZoneDirectory, in world: PlannerContext = PlannerContext()) {
        for name in names {
            switch zones.find(name.withoutWildcard) {
            case .noZone where world.pluginAnswers, .unavailable where world.pluginAnswers: served.append(name)
            case .found where world.shadows.contains(name): refused.append((name, Self.shadow(name)))
            case .found: served.append(name)
            case .notAllowed: refused.append((name, Self.notAllowed(name)))
            case .noZone(let searched): refused.append((name, Self.noZone(name, searched: searched)))
            case .unavailable(let reason):
                served.append(name)
                unavailable = Self.unavailable(reason)
            }
        }
    }

    static func notAllowed(_ name: DomainName) -> String {
        "\(name) lies outside LANDFALL_ZONES"
    }

    private static func shadow(_ name: DomainName) -> String {
        "\(name) resolves only through a wildcard record, and the challenge beside it would take that from it; give it a "
            + "record of its own, or use `landfall.certificate: wildcard`"
    }

    static func noZone(_ name: DomainName, searched: [DomainName]) -> String {
        guard !searched.isEmpty else {
            return "no DNS provider serves a zone, so a challenge for \(name) cannot be answered"
        }
        let zones = searched.prefix(5).map(\.text).joined(separator: ", ") + (searched.count > 5 ? ", …" : "")
        return "\(name) is in none of the zones \(zones), so a challenge for it cannot be answered"
    }

    static func unavailable(_ reason: String) -> String {
        "the DNS zones cannot be read: \(reason)"
    }
}
