import Model
import Ports

/// Finds the authoritative servers of a name and queries them. Zones that were found are kept for the next query.
struct AuthoritativeLookup {
    /// A chain of aliases longer than this is a loop.
    private static let longestChain = 8

    /// What was found about values at a name.
    struct Check {
        let result: PropagationResult
        /// The servers that were asked in the end, and how they were found.
        let servers: ZoneServers
        /// Those of them that did not answer, or not for the zone.
        let faults: [DNSServer: NameServerFault]
    }

    private let finder: NameserverFinder
    /// By their names, the zones whose providers are known.
    private let zones: [String: Zone]
    private var apexes: [String: String] = [:]
    private var servers: [String: ZoneServers] = [:]

    init(_ resolvers: RecursiveResolvers, zones: [Zone], for scope: Scope) {
        finder = NameserverFinder(resolvers: resolvers, scope: scope)
        self.zones = Dictionary(zones.map { ($0.name.text, $0) }) { first, _ in first }
    }

    /// Queries the servers again from the start: an alias may come and go, as a wildcard's does when the name itself appears below it.
    mutating func check(_ values: Set<String>, at name: String, apex: String) async -> Check {
        var (name, apex) = (name, apex)
        var length = 0
        while true {
            let servers = await servers(of: apex)
            let (answers, isSecond) = await ask(servers, about: name)
            let answered = answers.mapValues { ChallengeAnswer($0, of: values, at: name) }
            length += 1
            if let target = ChallengeAnswer.alias(among: answered.values), length < Self.longestChain {
                guard let next = await self.apex(of: target) else {
                    return Check(result: .unreachable, servers: servers, faults: [:])
                }
                (name, apex) = (target, next)
            } else {
                let result = Self.judge(answered, found: servers.origin(isSecond: isSecond))
                return Check(result: result, servers: servers, faults: servers.faults(in: answers))
            }
        }
    }

    /// The alias at a name, where there is one.
    mutating func alias(of name: String, apex: String) async -> String? {
        let (answers, _) = await ask(await servers(of: apex), about: name)
        guard answers.isEmpty else {
            return ChallengeAnswer.alias(among: answers.values.map { ChallengeAnswer($0, at: name) })
        }
        // A resolver may show the internal view.
        return zones[apex]?.internalServers == nil ? await finder.alias(of: name) : nil
    }

    private func ask(_ servers: ZoneServers, about name: String) async -> ([DNSServer: DNSAnswer], isSecond: Bool) {
        let question = DNSQuestion(name, .txt, recursionDesired: false)
        let answers = await finder.ask(servers.first, question)
        guard answers.isEmpty, !servers.second.isEmpty else { return (answers, false) }
        return (await finder.ask(servers.second, question), true)
    }

    /// Silent servers do not count as long as another one answers: an ACME server gets no answer from them either.
    private static func judge(_ answered: [DNSServer: ChallengeAnswer], found: String) -> PropagationResult {
        let answering = answered.filter { $0.value != .nothing }
        guard !answering.isEmpty else { return .unreachable }
        let without = answering.filter { $0.value != .present }.keys
        return without.isEmpty ? .visible : .absent(atServers: without.sorted { "\($0)" < "\($1)" }, found: found)
    }

    private mutating func servers(of apex: String) async -> ZoneServers {
        if let known = servers[apex] { return known }
        let found = await finder.servers(of: apex, in: zones[apex])
        if !found.isEmpty { servers[apex] = found }
        return found
    }

    private mutating func apex(of name: String) async -> String? {
        if let known = apexes[name] { return known }
        let holders = zones.keys.filter { name == $0 || name.hasSuffix("." + $0) }
        let found = await finder.apex(of: name) ?? holders.max { $0.utf8.count < $1.utf8.count }
        apexes[name] = found
        return found
    }
}

/// One server's answer about the values.
enum ChallengeAnswer: Hashable {
    case present, absent
    case alias(of: String)
    /// Unusable: no answer, a failure, or an answer from a cache in between.
    case nothing

    /// - Parameter values: nil: only an alias is looked for.
    init(_ answer: DNSAnswer, of values: Set<String>? = nil, at name: String) {
        let here = answer.answers.filter { $0.name == name }
        if let values, values.isSubset(of: here.filter { $0.kind == .txt }.map(\.content)) {
            self = .present
        } else if let alias = here.first(where: { $0.kind == .cname }) {
            self = .alias(of: alias.content)
        } else {
            self = answer.authoritative && answer.isAboutName ? .absent : .nothing
        }
    }

    /// Where the name leads; not followed while a server shows the values at the name itself.
    static func alias(among answered: some Collection<ChallengeAnswer>) -> String? {
        guard !answered.contains(.present) else { return nil }
        return answered.compactMap { if case .alias(let target) = $0 { target } else { nil } }.min()
    }
}
