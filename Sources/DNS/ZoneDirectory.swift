public import Model

/// All zones of all providers as one run saw them, narrowed to those that Landfall may touch.
public struct ZoneDirectory: Sendable {
    /// A zone together with who serves it.
    public struct Entry: Sendable {
        public let zone: Zone
        public let provider: any DNSProvider

        public init(zone: Zone, provider: any DNSProvider) {
            (self.zone, self.provider) = (zone, provider)
        }
    }

    public enum Lookup: Sendable {
        case found(Entry)
        /// The name lies in a zone that `LANDFALL_ZONES` does not name.
        case notAllowed
        case noZone(searched: [DomainName])
        /// A provider could not be read, and the name might be in one of its zones.
        case unavailable(reason: String)
    }

    public let entries: [Entry]
    /// Nil: every zone may be touched.
    public let allowed: [DomainName]?
    /// What kept providers from being read, a sentence each.
    public let failures: [String]

    public init(entries: [Entry], allowed: [DomainName]? = nil, failures: [String] = []) {
        (self.entries, self.allowed, self.failures) = (entries, allowed, failures)
    }

    /// Reads the zones of all providers, side by side.
    public static func read(from providers: [any DNSProvider], allowed: [DomainName]?) async -> ZoneDirectory {
        let reads = await withTaskGroup(of: (Int, Result<[Zone], ProviderError>).self) { group in
            for (index, provider) in providers.enumerated() {
                group.addTask {
                    do throws(ProviderError) {
                        return (index, .success(try await provider.zones()))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var entries: [Entry] = []
        var failures: [String] = []
        for (index, result) in reads.sorted(by: { $0.0 < $1.0 }) {
            switch result {
            case .success(let zones): entries += zones.map { Entry(zone: $0, provider: providers[index]) }
            case .failure(let error): failures.append("\(providers[index].name): \(error)")
            }
        }
        return ZoneDirectory(entries: entries, allowed: allowed, failures: failures)
    }

    /// The zone with the longest name that holds `name`.
    public func find(_ name: DomainName) -> Lookup {
        let holder = entries.filter { name.isWithin($0.zone.name) }
            .max { $0.zone.name.labels.count < $1.zone.name.labels.count }
        if let allowed, !allowed.contains(where: name.isWithin) { return .notAllowed }
        if let holder { return .found(holder) }
        guard failures.isEmpty else { return .unavailable(reason: failures.joined(separator: "; ")) }
        return .noZone(searched: entries.map(\.zone.name).sorted())
    }
}
