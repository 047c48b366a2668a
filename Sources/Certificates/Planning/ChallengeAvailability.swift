import DNS
import Model

/// For which of a request's names a dns-01 challenge can be solved now.
struct ChallengeAvailability {
    private(set) var served: [DomainName] = []
    private(set) var refused: [(name: DomainName, reason: String)] = []
    /// Why none can be solved now; nil where they can.
    private(set) var unavailable: String?

    init(_ names: [DomainName], zones: ZoneDirectory, in context: PlannerContext = PlannerContext()) {
        for name in names {
            switch zones.find(name.withoutWildcard) {
            case .noZone where context.pluginSolvesChallenges, .unavailable where context.pluginSolvesChallenges:
                served.append(name)
            case .found where context.wildcardOnlyNames.contains(name): refused.append((name, Self.wildcardOnly(name)))
            case .found: served.append(name)
            case .notAllowed: refused.append((name, Self.notAllowed(name)))
            case .noZone(let searched): refused.append((name, Self.noZone(name, searched: searched)))
            case .unavailable(let reason):
                served.append(name)
                unavailable = Self.unavailable(reason)
            }
        }
    }

    private static func wildcardOnly(_ name: DomainName) -> String {
        "\(name) resolves only through a wildcard record, which would not cover it while the challenge exists; give it a "
            + "record of its own, or use `landfall.certificate: wildcard`"
    }

    static func notAllowed(_ name: DomainName) -> String { "\(name) is outside LANDFALL_ZONES" }

    static func noZone(_ name: DomainName, searched: [DomainName]) -> String {
        guard !searched.isEmpty else {
            return "no DNS provider has a zone, so a challenge for \(name) cannot be answered"
        }
        let zones = searched.prefix(5).map(\.text).joined(separator: ", ") + (searched.count > 5 ? ", …" : "")
        return "\(name) is in none of the zones \(zones), so a challenge for it cannot be answered"
    }

    static func unavailable(_ reason: String) -> String { "the DNS zones cannot be read: \(reason)" }
}
