package import Model
package import Ports
import Threads

/// The CAA records that apply to a name: those of the name itself, or of the closest name above it that has any.
package struct CAASet: Hashable, Sendable {
    /// Where they are.
    package let name: String
    package let records: [CAARecord]

    package init(name: String, records: [CAARecord]) { (self.name, self.records) = (name, records) }
}

/// One property of a CAA record (RFC 8659 §4).
package struct CAARecord: Hashable, Sendable, CustomStringConvertible {
    package let flags: UInt8
    /// Lower case.
    package let tag: String
    package let value: String

    package init(flags: UInt8 = 0, tag: String, value: String) {
        (self.flags, self.tag, self.value) = (flags, tag.lowercased(), value)
    }

    /// - Parameter content: as a `DNSAnswer.Record` has it.
    package init?(content: String) {
        let parts = content.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let flags = UInt8(parts[0]), !parts[1].isEmpty else { return nil }
        self.init(flags: flags, tag: String(parts[1]), value: String(parts[2]))
    }

    /// As a zone file has it: `0 issue "ca.example.net"`.
    package var description: String { "\(flags) \(sanitized(tag, limit: 30)) \"\(sanitized(value, limit: 150))\"" }
}

/// Reads CAA records as an authority does before it issues (RFC 8659 §3), from the authoritative servers where these are known.
package struct CAALookup: Sendable {
    /// A chain of aliases longer than this is a loop.
    private static let longestChain = 8
    private static let width = 8

    private let client: any DNSClient
    private let resolvers: ResolverList

    package init(resolver: any DNSClient, recursive: ResolverList) { (client, resolvers) = (resolver, recursive) }

    /// The records that apply to each name; known and nil where there are none. Of a wildcard they are those of its base.
    package func find(_ names: [DomainName], in zones: ZoneDirectory, scope: Scope) async
        -> [DomainName: Observation<CAASet?>]
    {
        let finder = NameserverFinder(
            resolvers: RecursiveResolvers(client: client, list: resolvers),
            scope: scope
        )
        let climbs = Dictionary(names.map { ($0, Self.climb(from: $0.withoutWildcard)) }) { first, _ in first }
        // As Boulder does, all at once: a name that has none says so as slowly as one that has some.
        let steps = Set(climbs.values.joined()).sorted()
        let holders = steps.compactMap { (try? DomainName($0)).flatMap(zones.holder)?.zone }
        let servers = await concurrentMap(Set(holders).sorted { $0.name < $1.name }, atMost: Self.width) { zone in
            (zone.name.text, await finder.servers(of: zone.name.text, in: zone))
        }
        let zoneServers = Dictionary(servers) { first, _ in first }
        let answers = await concurrentMap(steps, atMost: Self.width) { name in
            await Reading(finder: finder, zones: zones, servers: zoneServers).records(at: name)
        }
        let found = Dictionary(zip(steps, answers)) { first, _ in first }
        return climbs.mapValues { Self.relevant($0, among: found) }
    }

    /// The name and all above it, without the root.
    private static func climb(from name: DomainName) -> [String] { name.ancestry.map(String.init) }

    /// The first set that is not empty. What cannot be read may hold one.
    private static func relevant(_ climb: [String], among found: [String: Observation<[CAARecord]>])
        -> Observation<CAASet?>
    {
        for name in climb {
            switch found[name] {
            case .known(let records)? where records.isEmpty: continue
            case .known(let records)?: return .known(CAASet(name: name, records: records))
            case .unavailable(let reason)?: return .unavailable(reason: reason)
            case nil: continue
            }
        }
        return .known(nil)
    }

    private struct Reading {
        let finder: NameserverFinder
        let zones: ZoneDirectory
        let servers: [String: ZoneServers]

        /// The CAA records of one name, or of what it is an alias of.
        func records(at start: String) async -> Observation<[CAARecord]> {
            var name = start
            for _ in 0..<CAALookup.longestChain {
                guard let answer = await answer(about: name) else {
                    return .unavailable(reason: "no name server answers for the CAA records of \(start)")
                }
                let known = name
                for _ in 0..<CAALookup.longestChain {
                    let alias = answer.answers.first { $0.kind == .cname && $0.name == name }
                    name = alias?.content ?? name
                }
                let records = answer.answers.filter { $0.kind == .caa && $0.name == name }
                guard records.isEmpty else { return .known(records.compactMap { CAARecord(content: $0.content) }) }
                // The target's own servers may have them, where the alias leads out of the zone.
                guard name != known else { return .known([]) }
            }
            return .unavailable(reason: "the aliases at \(start) lead in a circle")
        }

        /// Of the authoritative servers, where a provider's zone holds the name and they answer; else of a recursive resolver,
        /// unless the internal view has a zone of that name.
        private func answer(about name: String) async -> DNSAnswer? {
            if let zone = (try? DomainName(name)).flatMap(zones.holder)?.zone, let servers = servers[zone.name.text] {
                let question = DNSQuestion(name, .caa, recursionDesired: false)
                let answers = await finder.ask(servers.first, question)
                let usable = servers.first.compactMap { answers[$0] }.first { $0.authoritative && $0.isAboutName }
                if let usable { return usable }
                // A resolver may show the internal view.
                guard zone.internalServers == nil else { return nil }
            }
            return await finder.ask(name, .caa)
        }
    }
}
