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
    /// What a name that lies in no zone is placed below.
    public let defaultDomain: DomainName?
    /// What kept providers from being read, a sentence each.
    public let failures: [String]
    private let byName: [Substring: Entry]
    private let allowedNames: Set<Substring>

    /// Where two providers serve one zone, the first has it.
    public init(
        entries: [Entry],
        allowed: [DomainName]? = nil,
        defaultDomain: DomainName? = nil,
        failures: [String] = []
    ) {
        (self.entries, self.allowed, self.failures) = (entries, allowed, failures)
        self.defaultDomain = defaultDomain
        byName = Dictionary(entries.map { ($0.zone.name.text[...], $0) }) { first, _ in first }
        allowedNames = Set((allowed ?? []).map { $0.text[...] })
    }

    /// Reads the zones of all providers, side by side.
    public static func read(
        from providers: [any DNSProvider],
        allowed: [DomainName]?,
        defaultDomain: DomainName? = nil
    ) async -> ZoneDirectory {
        let reads = await sideBySide(providers, atMost: providers.count) { await zones(of: $0) }
        var entries: [Entry] = []
        var failures: [String] = []
        for (provider, result) in zip(providers, reads) {
            switch result {
            case .success(let zones): entries += zones.map { Entry(zone: $0, provider: provider) }
            case .failure(let error): failures.append("\(provider.name): \(error)")
            }
        }
        return ZoneDirectory(entries: entries, allowed: allowed, defaultDomain: defaultDomain, failures: failures)
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
        if let holder = holder(of: name) { return allows(name) ? .found(holder) : .notAllowed }
        // Below the default domain it may be allowed, once it is certain that it lies there.
        guard candidates(for: name).contains(where: allows) else { return .notAllowed }
        guard failures.isEmpty else { return .unavailable(reason: failures.joined(separator: "; ")) }
        return .noZone(searched: entries.map(\.zone.name).sorted())
    }

    /// Whether `LANDFALL_ZONES` lets the name be touched.
    public func allows(_ name: DomainName) -> Bool {
        allowed == nil || name.ancestry.contains(where: allowedNames.contains)
    }

    func holder(of name: DomainName) -> Entry? {
        name.ancestry.lazy.compactMap { byName[$0] }.first
    }
}
