import Model
import Ports

/// Finds the authoritative servers of a name and queries them. Zones that were found are kept for the next query.
struct AuthoritativeLookup {
    /// A chain of aliases longer than this is a loop.
    private static let longestChain = 8

    private let finder: NameserverFinder
    private var apexes: [String: String] = [:]
    private var servers: [String: [DNSServer]] = [:]

    init(_ resolvers: RecursiveResolvers, for scope: Scope) {
        finder = NameserverFinder(resolvers: resolvers, scope: scope)
    }

    /// Queries the servers again from the start: an alias may come and go, as a wildcard's does when the name itself appears below it.
    mutating func check(_ values: Set<String>, at name: String, apex: String) async -> PropagationResult {
        var (name, apex) = (name, apex)
        var length = 0
        while true {
            let answers = await ask(await servers(of: apex), about: name)
            let answered = answers.mapValues { ChallengeAnswer($0, of: values, at: name) }
            length += 1
            guard let target = ChallengeAnswer.alias(among: answered.values), length < Self.longestChain else {
                return Self.judge(answered)
            }
            guard let next = await self.apex(of: target) else { return .unreachable }
            (name, apex) = (target, next)
        }
    }

    /// The alias at a name, where there is one.
    mutating func alias(of name: String, apex: String) async -> String? {
        let answers = await ask(await servers(of: apex), about: name)
        guard answers.isEmpty else {
            return ChallengeAnswer.alias(among: answers.values.map { ChallengeAnswer($0, at: name) })
        }
        return await finder.alias(of: name)
    }

    /// Silent servers do not count as long as another one answers: an ACME server gets no answer from them either.
    private static func judge(_ answered: [DNSServer: ChallengeAnswer]) -> PropagationResult {
        let answering = answered.filter { $0.value != .nothing }
        guard !answering.isEmpty else { return .unreachable }
        let without = answering.filter { $0.value != .present }.keys
        return without.isEmpty ? .visible : .absent(atServers: without.sorted { "\($0)" < "\($1)" })
    }

    private func ask(_ servers: [DNSServer], about name: String) async -> [DNSServer: DNSAnswer] {
        let question = DNSQuestion(name, .txt, recursionDesired: false)
        let (client, scope) = (finder.resolvers.client, finder.scope)
        return await withTaskGroup(of: (DNSServer, DNSAnswer?).self) { group in
            for server in servers {
                group.addTask { (server, try? await client.query(question, at: server, for: scope)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private mutating func servers(of apex: String) async -> [DNSServer] {
        if let known = servers[apex] { return known }
        let found = await finder.servers(of: apex)
        if !found.isEmpty { servers[apex] = found }
        return found
    }

    private mutating func apex(of name: String) async -> String? {
        if let known = apexes[name] { return known }
        let found = await finder.apex(of: name)
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

/// Asks recursive resolvers about zones: where they begin, and which servers answer for them.
struct NameserverFinder: Sendable {
    let resolvers: RecursiveResolvers
    let scope: Scope

    /// As many as the root has, and more than a delegation can hold. The owner of a zone could name thousands, also of others.
    private static let limit = 13

    /// The addresses of the servers of the zone that begins at `apex`, at most thirteen; empty where they cannot be found.
    func servers(of apex: String) async -> [DNSServer] {
        let names = Set(await serverNames(of: apex)).sorted().prefix(Self.limit)
        let found: [String: [DNSServer]] = await withTaskGroup(of: (String, [DNSServer]).self) { group in
            for name in names { group.addTask { (name, await addresses(of: name)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return Self.chosen(names.compactMap { found[$0] }).sorted { "\($0)" < "\($1)" }
    }

    /// One address of each server before a second one of any.
    private static func chosen(_ addresses: [[DNSServer]]) -> Set<DNSServer> {
        var servers: Set<DNSServer> = []
        for place in 0..<limit {
            for list in addresses where list.indices.contains(place) && servers.count < limit {
                servers.insert(list[place])
            }
        }
        return servers
    }

    /// The name at or above `name` where its zone begins; nil if no resolver answers.
    func apex(of name: String) async -> String? {
        var candidate = name[...]
        while !candidate.isEmpty {
            let asked = String(candidate)
            guard let answer = await ask(asked, .soa) else { return nil }
            if let apex = Self.apex(of: asked, in: answer) { return apex }
            candidate = candidate.drop { $0 != "." }.dropFirst()
        }
        return nil
    }

    /// The SOA is in the answer at the apex itself, in the authority section below it (RFC 2308 §3). An alias brings
    /// the SOA of its target's zone, which is not the one wanted.
    static func apex(of name: String, in answer: DNSAnswer) -> String? {
        if answer.answers.contains(where: { $0.kind == .soa && $0.name == name }) { return name }
        guard answer.answers.isEmpty else { return nil }
        return answer.authority.first { $0.kind == .soa && (name == $0.name || name.hasSuffix("." + $0.name)) }?.name
    }

    func alias(of name: String) async -> String? {
        await ask(name, .cname)?.answers.first { $0.kind == .cname && $0.name == name }?.content
    }

    /// The NS names; the primary of the SOA where a zone shows none.
    private func serverNames(of apex: String) async -> [String] {
        let names = await ask(apex, .ns)?.answers.filter { $0.kind == .ns && $0.name == apex }.map(\.content) ?? []
        guard names.isEmpty else { return names }
        return await ask(apex, .soa)?.answers.filter { $0.kind == .soa && $0.name == apex }.map(\.content) ?? []
    }

    /// IPv6 only where there is no IPv4: the same server is behind both, and many hosts cannot reach the former.
    private func addresses(of name: String) async -> [DNSServer] {
        for kind in [DNSQuestion.Kind.a, .aaaa] {
            let records = await ask(name, kind)?.answers.filter { $0.kind == kind } ?? []
            let servers = records.compactMap { IPAddress($0.content).map { DNSServer(address: $0) } }
            if !servers.isEmpty { return servers }
        }
        return []
    }

    private func ask(_ name: String, _ kind: DNSQuestion.Kind) async -> DNSAnswer? {
        await resolvers.ask(name, kind, for: scope)
    }
}
