public import Model

/// Where a name lies that somebody asked for: `web.dev` may be a name in a zone `dev`, or short for
/// `web.dev.example.org`. Only the zones can tell.
extension ZoneDirectory {
    /// The name that is served: in no zone as it was asked for, but in one below the default domain, it is that.
    ///
    /// While a provider cannot be read it stays as it was asked for, and `find` says that it cannot be told.
    public func place(_ name: DomainName) -> DomainName {
        guard failures.isEmpty, holder(of: name) == nil else { return name }
        return candidates(for: name).dropFirst().first { holder(of: $0) != nil } ?? name
    }

    /// The hosts under the names that are served. Two spellings of one host by one label are one.
    public func place(_ hosts: [DesiredHost]) -> [DesiredHost] {
        guard defaultDomain != nil else { return hosts }
        var seen: Set<DesiredHost> = []
        return hosts.map { $0.named(place($0.name)) }.filter { seen.insert($0).inserted }
    }

    /// Every name that `name` may stand for, as long as its place is not known; itself first.
    public func candidates(for name: DomainName) -> [DomainName] {
        guard let defaultDomain, !name.isWithin(defaultDomain), holder(of: name) == nil else { return [name] }
        return [name] + [try? name.below(defaultDomain)].compactMap(\.self)
    }
}
