import Model
import Ports

/// The way from a name to the servers that answer for it. What was found of zones is kept from look to look.
struct AuthoritativeLookup {
    /// A chain of aliases longer than this is a loop.
    private static let longestChain = 8

    private let resolver: any DNSClient
    private let directions: NameserverFinder
    private let scope: Scope
    private var apexes: [String: String] = [:]
    private var servers: [String: [DNSServer]] = [:]

    init(resolver: any DNSClient, recursive: [DNSServer], scope: Scope) {
        self.resolver = resolver
        self.scope = scope
        directions = NameserverFinder(resolver: resolver, recursive: recursive, scope: scope)
    }

    /// One look from the start: an alias may come and go, as a wildcard's does when the name itself appears below it.
    mutating func look(for values: Set<String>, at name: String, apex: String) async -> PropagationResult {
        var (name, apex) = (name, apex)
        var length = 0
        while true {
            let answers = await ask(await servers(of: apex), about: name)
            let sights = answers.mapValues { ChallengeAnswer($0, of: values, at: name) }
            length += 1
            guard let target = ChallengeAnswer.alias(among: sights.values), length < Self.longestChain else {
                return Self.judge(sights)
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
        return await directions.alias(of: name)
    }

    /// Servers that say nothing do not count as long as another answers: nobody else hears from them either.
    private static func judge(_ sights: [DNSServer: ChallengeAnswer]) -> PropagationResult {
        let answering = sights.filter { $0.value != .nothing }
        guard !answering.isEmpty else { return .unreachable }
        let without = answering.filter { $0.value != .present }.keys
        return without.isEmpty ? .visible : .absent(atServers: without.sorted { "\($0)" < "\($1)" })
    }

    private func ask(_ servers: [DNSServer], about name: String) async -> [DNSServer: DNSAnswer] {
        let question = DNSQuestion(name, .txt, recursionDesired: false)
        let (resolver, scope) = (resolver, scope)
        return await withTaskGroup(of: (DNSServer, DNSAnswer?).self) { group in
            for server in servers {
                group.addTask { (server, try? await resolver.query(question, at: server, for: scope)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private mutating func servers(of apex: String) async -> [DNSServer] {
        if let known = servers[apex] { return known }
        let found = await directions.servers(of: apex)
        if !found.isEmpty { servers[apex] = found }
        return found
    }

    private mutating func apex(of name: String) async -> String? {
        if let known = apexes[name] { return known }
        let found = await directions.apex(of: name)
        apexes[name] = found
        return found
    }
}

/// What one server shows of the values.
enum ChallengeAnswer: Hashable {
    case present, absent
    case alias(of: String)
    /// Nothing to go by: no answer, a failure, or somebody else's cache in between.
    case nothing

    /// - Parameter values: nil: only an alias is looked for.
    init(_ answer: DNSAnswer, of values: Set<String>? = nil, at name: String) {
        let here = answer.answers.filter { $0.name == name }
        if let values, values.isSubset(of: here.filter { $0.kind == .txt }.map(\.content)) {
            self = .present
        } else if let alias = here.first(where: { $0.kind == .cname }) {
            self = .alias(of: alias.content)
        } else {
            // RFC 1035 §4.1.1: 0 no error, 3 no such name.
            self = answer.authoritative && [0, 3].contains(answer.code) ? .absent : .nothing
        }
    }

    /// Where the name leads; not followed while a server shows the values at the name itself.
    static func alias(among sights: some Collection<ChallengeAnswer>) -> String? {
        guard !sights.contains(.present) else { return nil }
        let targets = sights.compactMap { sight -> String? in
            if case .alias(let target) = sight { target } else { nil }
        }
        return targets.min()
    }
}
