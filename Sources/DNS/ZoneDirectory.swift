package import Model
import Threads

/// All zones of all providers as one run saw them, narrowed to those that Landfall may touch.
package struct ZoneDirectory: Sendable {
    /// A zone with its provider.
    package struct Entry: Sendable {
        package let zone: Zone
        package let provider: any DNSProvider

        package init(zone: Zone, provider: any DNSProvider) { (self.zone, self.provider) = (zone, provider) }
    }

    package enum Lookup: Sendable {
        case found(Entry)
        /// The name lies in a zone that the world does not get from its provider.
        case unserved(Entry, reason: String)
        /// The name lies in a zone that `LANDFALL_ZONES` does not name.
        case notAllowed
        /// - Parameter advice: a clause for a name that used to be placed below the default domain.
        case noZone(searched: [DomainName], advice: String?)
        /// The name lies in a zone that a provider had, and that no provider lists any more.
        case gone(zone: DomainName, reason: String)
        /// A provider could not be read, and the name might be in one of its zones.
        case unavailable(reason: String)
    }

    package let entries: [Entry]
    /// Nil: every zone may be touched.
    package let allowed: [DomainName]?
    /// What a name that lies in no zone is placed below.
    package let defaultDomain: DomainName?
    private let qualification: Qualification
    /// What kept providers from being read, a sentence each.
    package let failures: [String]
    /// The zones that those providers had when they were last read; nil where that is not known of one of them.
    package let hidden: Set<DomainName>?
    /// The zones that hold no more records.
    package let full: FullZones
    /// The zones of the internal view, where there is one; empty of the internal view itself.
    private let internals: [ZoneDirectory]
    /// Zones that are in no provider's list any more, and the provider that had each.
    private let gone: [Substring: String]
    /// Of all zones, sorted.
    private let names: [DomainName]
    private let byName: [Substring: Entry]
    private let allowedNames: Set<Substring>
    private let hiddenNames: Set<Substring>

    /// Where two providers have one zone, the first that serves it has it.
    package init(
        entries: [Entry],
        allowed: [DomainName]? = nil,
        defaultDomain: DomainName? = nil,
        qualification: Qualification = .short,
        failures: [String] = [],
        hidden: Set<DomainName>? = [],
        gone: [DomainName: String] = [:],
        full: FullZones = FullZones(),
        internal: ZoneDirectory? = nil
    ) {
        (self.full, internals) = (full, `internal`.map { [$0] } ?? [])
        (self.entries, self.allowed, self.failures) = (entries, allowed, failures)
        (self.defaultDomain, self.qualification, self.hidden) = (defaultDomain, qualification, hidden)
        self.gone = gone.reduce(into: [:]) { $0[$1.key.text[...]] = $1.value }
        hiddenNames = Set((hidden ?? []).map { $0.text[...] })
        names = entries.map(\.zone.name).sorted()
        byName = Dictionary(entries.map { ($0.zone.name.text[...], $0) }) { first, other in
            first.zone.unservedReason == nil || other.zone.unservedReason != nil ? first : other
        }
        allowedNames = Set((allowed ?? []).map { $0.text[...] })
    }

    /// Reads the zones of the providers of one view, side by side. `remembered` are the zones that each was ever seen to have.
    ///
    /// - Parameter inside: reads the zones of the internal view, beside those of the public one.
    package static func read(
        from providers: [any DNSProvider],
        allowed: [DomainName]?,
        defaultDomain: DomainName? = nil,
        qualification: Qualification = .short,
        remembered: [String: Set<DomainName>] = [:],
        full: FullZones = FullZones(),
        beside inside: @Sendable () async -> ZoneDirectory? = { nil }
    ) async -> ZoneDirectory {
        async let insideRead = inside()
        let reads = await concurrentMap(providers, atMost: providers.count) { provider in
            await Result(of: { () async throws(ProviderError) in try await provider.zones() })
        }
        let inside = await insideRead
        var entries: [Entry] = []
        var failures: [String] = []
        var hidden: Set<DomainName>? = []
        for (provider, result) in zip(providers, reads) {
            switch result {
            case .success(let zones):
                entries += zones.map { zone in
                    Entry(zone: zone.beside(inside?.byName[zone.name.text[...]]?.zone), provider: provider)
                }
            case .failure(let error):
                failures.append("\(provider.name): \(error)")
                hidden = remembered[provider.name].flatMap { hidden?.union($0) }
            }
        }
        let present = Set(entries.map(\.zone.name)).union(hidden ?? [])
        let gone = remembered.sorted { $0.key < $1.key }.flatMap { provider, zones in
            zones.subtracting(present).map { ($0, provider) }
        }
        return ZoneDirectory(
            entries: entries,
            allowed: allowed,
            defaultDomain: defaultDomain,
            qualification: qualification,
            failures: failures,
            hidden: hidden,
            gone: Dictionary(gone) { first, _ in first },
            full: full,
            internal: inside
        )
    }

    /// Reads what a zone holds, and learns from it whether the zone is still full.
    package func read(_ entry: Entry) async -> Observation<ZoneContents> {
        do throws(ProviderError) {
            let contents = try await entry.provider.read(entry.zone)
            await full.update(entry, count: contents.count)
            return .known(contents)
        } catch {
            return .unavailable(reason: "\(entry.provider.name): \(error)")
        }
    }

    /// The zone with the longest name that holds `name`.
    package func find(_ name: DomainName) -> Lookup {
        if let holder = holder(of: name) {
            guard allows(name) else { return .notAllowed }
            if mayBeHidden(name, from: holder.zone.name) { return .unavailable(reason: failureText) }
            if let zone = goneZone(of: name, below: holder.zone.name) { return Self.gone(zone) }
            return holder.zone.unservedReason.map { .unserved(holder, reason: $0) } ?? .found(holder)
        }
        let full = notPlaced(name)
        // Below the default domain it may be allowed, once it is certain that it lies there.
        guard candidates(for: name).contains(where: allows) || full.map(allows) ?? false else { return .notAllowed }
        guard failures.isEmpty else { return .unavailable(reason: failureText) }
        if allows(name), let zone = goneZone(of: name) { return Self.gone(zone) }
        let inside = `internal`?.holder(of: name).map { Self.isInternal($0.zone) }
        let advice =
            inside ?? full.map { "it needs the zone \(name.registrableDomain ?? name.withoutWildcard); or write \($0)" }
        return .noZone(searched: names, advice: advice)
    }

    private static func isInternal(_ zone: Zone) -> String {
        "its zone \(zone.name) is in the internal view only, where no authority looks; `landfall.certificate: none` "
            + "orders no certificate"
    }

    private static func gone(_ zone: (name: DomainName, provider: String)) -> Lookup {
        let reason =
            "its zone \(zone.name) was at \(zone.provider) and is in no provider's list any more, so nothing is changed; give "
            + "Landfall the zone back, or let `landfall once --forget-zone \(zone.name)` forget it"
        return .gone(zone: zone.name, reason: reason)
    }

    /// The zone of the name that no provider lists any more, unless it is above `present`.
    private func goneZone(of name: DomainName, below present: DomainName? = nil) -> (
        name: DomainName, provider: String
    )? {
        guard !gone.isEmpty else { return nil }
        let depth = present?.text.utf8.count ?? 0
        for ancestor in name.ancestry where ancestor.utf8.count > depth {
            if let provider = gone[ancestor], let zone = try? DomainName(ancestor) { return (zone, provider) }
        }
        return nil
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

    /// Whether a provider that could not be read may have a zone for a name that is in none.
    private func mayHide(_ name: DomainName) -> Bool {
        !failures.isEmpty && (hidden == nil || name.ancestry.contains(where: hiddenNames.contains))
    }

    /// Why some names may not be placed; nil if all are.
    package var unplacedReason: String? { defaultDomain == nil ? nil : allFailures.first }

    /// The zones of the internal view; nil where there is none.
    package var `internal`: ZoneDirectory? { internals.first }

    /// Whether the internal view has a zone of this name.
    package func isInternal(_ zone: DomainName) -> Bool { internals.contains { $0.byName[zone.text[...]] != nil } }

    /// What kept providers of either view from being read.
    package var allFailures: [String] { failures + internals.flatMap(\.failures) }

    /// The hosts whose records are a matter of the view, as it has them. One whose zone only the other view has is none, unless
    /// its label asks for it. If no provider serves the public view, the internal one tells of those in no zone.
    package func hosts(_ hosts: [DesiredHost], in view: View) -> [DesiredHost] {
        switch (view, `internal`) {
        case (.public, nil): hosts
        case (.public, let inside?): hosts.filter { !lacks($0.name) || inside.lacks($0.name) }
        case (.internal, nil): []
        case (.internal, let inside?):
            hosts.filter { $0.internalTarget != nil || isEmpty || !inside.lacks($0.name) }.map(\.inInternalView)
        }
    }

    private var isEmpty: Bool { entries.isEmpty && failures.isEmpty }

    /// Whether no zone for the name is known, or none that may be touched.
    private func lacks(_ name: DomainName) -> Bool {
        switch find(name) {
        case .noZone, .notAllowed: true
        case .found, .unserved, .gone, .unavailable: false
        }
    }

    func holder(of name: DomainName) -> Entry? { name.ancestry.lazy.compactMap { byName[$0] }.first }
}

/// Finds the full name of a requested name: `web.lab` may be in a zone `lab`, or short for `web.lab.example.org`.
extension ZoneDirectory {
    /// The name that is served: the name below the default domain, if only that one is in a zone. While a provider cannot be
    /// read that may have a zone for it, the name stays as it was requested, and `find` reports it as unavailable.
    package func place(_ name: DomainName) -> DomainName {
        guard !has(name), !([self] + internals).contains(where: { $0.mayHide(name) }) else { return name }
        return candidates(for: name).dropFirst().first(where: has) ?? name
    }

    /// The hosts under the names that are served. Two spellings of one host by one label are one.
    package func place(_ hosts: [DesiredHost]) -> [DesiredHost] {
        guard defaultDomain != nil else { return hosts }
        var seen: Set<DesiredHost> = []
        return hosts.map { $0.declaration == nil ? $0.named(place($0.name)) : $0 }.filter { seen.insert($0).inserted }
    }

    /// Every name that `name` may mean as long as its zone is not known; itself first.
    package func candidates(for name: DomainName) -> [DomainName] {
        guard isPlaceable(name), qualification == .dotted || !name.endsInPublicSuffix else { return [name] }
        return [name] + [below(name)].compactMap(\.self)
    }

    /// The name below the default domain, where it is not placed there because it ends in a public suffix: it looks like the
    /// name of a zone that is missing, and would become a name that was not meant.
    private func notPlaced(_ name: DomainName) -> DomainName? {
        isPlaceable(name) && qualification == .short && name.endsInPublicSuffix ? below(name) : nil
    }

    private func below(_ name: DomainName) -> DomainName? { defaultDomain.flatMap { try? name.below($0) } }

    private func isPlaceable(_ name: DomainName) -> Bool {
        guard let defaultDomain, !name.isWithin(defaultDomain) else { return false }
        return !has(name)
    }

    /// Whether a zone for the name is, or was, in either view.
    private func has(_ name: DomainName) -> Bool {
        holder(of: name) != nil || goneZone(of: name) != nil || internals.contains { $0.has(name) }
    }
}
