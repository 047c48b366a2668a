package import Model
import Threads

/// All zones of all providers as one run saw them, narrowed to those that Landfall may touch.
package struct ZoneDirectory: Sendable {
    /// A zone together with who serves it.
    package struct Entry: Sendable {
        package let zone: Zone
        package let provider: any DNSProvider

        package init(zone: Zone, provider: any DNSProvider) { (self.zone, self.provider) = (zone, provider) }
    }

    package enum Lookup: Sendable {
        case found(Entry)
        /// The name lies in a zone that `LANDFALL_ZONES` does not name.
        case notAllowed
        case noZone(searched: [DomainName])
        /// A provider could not be read, and the name might be in one of its zones.
        case unavailable(reason: String)
    }

    package let entries: [Entry]
    /// Nil: every zone may be touched.
    package let allowed: [DomainName]?
    /// What a name that lies in no zone is placed below.
    package let defaultDomain: DomainName?
    /// What kept providers from being read, a sentence each.
    package let failures: [String]
    /// The zones that those providers had when they were last read; nil where that is not known of one of them.
    package let hidden: Set<DomainName>?
    private let byName: [Substring: Entry]
    private let allowedNames: Set<Substring>
    private let hiddenNames: Set<Substring>

    /// Where two providers serve one zone, the first has it.
    package init(
        entries: [Entry],
        allowed: [DomainName]? = nil,
        defaultDomain: DomainName? = nil,
        failures: [String] = [],
        hidden: Set<DomainName>? = []
    ) {
        (self.entries, self.allowed, self.failures) = (entries, allowed, failures)
        (self.defaultDomain, self.hidden) = (defaultDomain, hidden)
        hiddenNames = Set((hidden ?? []).map { $0.text[...] })
        byName = Dictionary(entries.map { ($0.zone.name.text[...], $0) }) { first, _ in first }
        allowedNames = Set((allowed ?? []).map { $0.text[...] })
    }

    /// Reads the zones of all providers, side by side. `remembered` are the zones that each had when it was last read.
    package static func read(
        from providers: [any DNSProvider],
        allowed: [DomainName]?,
        defaultDomain: DomainName? = nil,
        remembered: [String: Set<DomainName>] = [:]
    ) async -> ZoneDirectory {
        let reads = await concurrentMap(providers, atMost: providers.count) { provider in
            await Result(of: { () async throws(ProviderError) in try await provider.zones() })
        }
        var entries: [Entry] = []
        var failures: [String] = []
        var hidden: Set<DomainName>? = []
        for (provider, result) in zip(providers, reads) {
            switch result {
            case .success(let zones): entries += zones.map { Entry(zone: $0, provider: provider) }
            case .failure(let error):
                failures.append("\(provider.name): \(error)")
                hidden = remembered[provider.name].flatMap { hidden?.union($0) }
            }
        }
        return ZoneDirectory(
            entries: entries,
            allowed: allowed,
            defaultDomain: defaultDomain,
            failures: failures,
            hidden: hidden
        )
    }

    /// The zone with the longest name that holds `name`.
    package func find(_ name: DomainName) -> Lookup {
        if let holder = holder(of: name) {
            guard allows(name) else { return .notAllowed }
            return mayBeHidden(name, from: holder.zone.name) ? .unavailable(reason: failureText) : .found(holder)
        }
        // Below the default domain it may be allowed, once it is certain that it lies there.
        guard candidates(for: name).contains(where: allows) else { return .notAllowed }
        guard failures.isEmpty else { return .unavailable(reason: failureText) }
        return .noZone(searched: entries.map(\.zone.name).sorted())
    }

    /// Whether `LANDFALL_ZONES` lets the name be touched.
    package func allows(_ name: DomainName) -> Bool {
        allowed == nil || name.ancestry.contains(where: allowedNames.contains)
    }

    private var failureText: String { failures.joined(separator: "; ") }

    /// Whether a provider that could not be read may have a zone for the name that is deeper than `zone`, or the same.
    private func mayBeHidden(_ name: DomainName, from zone: DomainName) -> Bool {
        guard !failures.isEmpty else { return false }
        guard hidden != nil else { return true }
        return name.ancestry.prefix { $0.utf8.count >= zone.text.utf8.count }.contains(where: hiddenNames.contains)
    }

    func holder(of name: DomainName) -> Entry? { name.ancestry.lazy.compactMap { byName[$0] }.first }
}

/// Finds the full name of a requested name: `web.dev` may be in a zone `dev`, or short for `web.dev.example.org`.
extension ZoneDirectory {
    /// The name that is served: the name below the default domain, if only that one is in a zone. While a provider cannot be
    /// read, the name stays as it was requested, and `find` reports it as unavailable.
    package func place(_ name: DomainName) -> DomainName {
        guard failures.isEmpty, holder(of: name) == nil else { return name }
        return candidates(for: name).dropFirst().first { holder(of: $0) != nil } ?? name
    }

    /// The hosts under the names that are served. Two spellings of one host by one label are one.
    package func place(_ hosts: [DesiredHost]) -> [DesiredHost] {
        guard defaultDomain != nil else { return hosts }
        var seen: Set<DesiredHost> = []
        return hosts.map { $0.named(place($0.name)) }.filter { seen.insert($0).inserted }
    }

    /// Every name that `name` may mean as long as its zone is not known; itself first.
    package func candidates(for name: DomainName) -> [DomainName] {
        guard let defaultDomain, !name.isWithin(defaultDomain), holder(of: name) == nil else { return [name] }
        return [name] + [try? name.below(defaultDomain)].compactMap(\.self)
    }
}
