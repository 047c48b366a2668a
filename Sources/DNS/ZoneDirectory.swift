public import Model
import Threads

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
        let reads = await sideBySide(providers, atMost: providers.count) { await zones(of: $0) }
        var entries: [Entry] = []
        var failures: [String] = []
        for (provider, result) in zip(providers, reads) {
            switch result {
            case .success(let zones): entries += zones.map { Entry(zone: $0, provider: provider) }
            case .failure(let error): failures.append("\(provider.name): \(error)")
            }
        }
        return ZoneDirectory(entries: entries, allowed: allowed, failures: failures)
    }

    private static func zones(of provider: any DNSProvider) async -> Result<[Zone], ProviderError> {
        do throws(ProviderError) {
            return .success(try await provider.zones())
        } catch {
            return .failure(error)
        }
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
