import Model

/// Reads host names as people write them into labels.
struct NameReader {
    let rules: DiscoveryRules

    /// One name; a short one is placed below the default domain.
    func name(_ text: String) throws(LabelProblem) -> DomainName {
        let name = try Self.checked(text) { () throws(DomainNameError) in try DomainName(text) }
        guard name.labels.count == 1 else { return name }
        guard let domain = rules.defaultDomain else {
            throw LabelProblem(text, "a short name needs DEFAULT_DOMAIN to be set; or write the full name")
        }
        return try Self.checked(text) { () throws(DomainNameError) in try name.below(domain) }
    }

    private static func checked(
        _ text: String,
        _ make: () throws(DomainNameError) -> DomainName
    ) throws(LabelProblem) -> DomainName {
        do throws(DomainNameError) { return try make() } catch { throw LabelProblem(text, "\(error)") }
    }

    /// A name that Landfall may serve. One that would be allowed below the default domain passes too: whether it lies
    /// there only the zones can tell.
    func host(_ text: String) throws(LabelProblem) -> DomainName {
        let name = try name(text)
        guard let zones = rules.allowedZones else { return name }
        let below = rules.defaultDomain.flatMap { try? name.below($0) }
        if [name, below].contains(where: { $0.map { zones.contains(where: $0.isWithin) } ?? false }) { return name }
        let list = zones.prefix(10).map(\.text).joined(separator: ", ")
        throw LabelProblem(text, "outside the zones in LANDFALL_ZONES (\(zones.isEmpty ? "none" : list))")
    }
}
