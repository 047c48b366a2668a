import Model
package import Ports
import Threads

/// The authoritative servers of a zone, and how they were found. Each has its name, where it was found by one.
package struct ZoneServers: Hashable, Sendable {
    /// What differs between the provider and the resolver, as names.
    package struct Contrast: Hashable, Sendable {
        /// The provider's own servers for the zone.
        package let own: [String]
        /// Those that the resolver shows.
        package let shown: [String]
    }

    package let apex: String
    /// By the resolver's NS records.
    let found: [DNSServer: String?]
    private let resolver: String
    /// The provider's own, where the resolver shows others.
    fileprivate(set) var own: [DNSServer: String?] = [:]
    /// Nil where the provider and the resolver name the same.
    package fileprivate(set) var contrast: Contrast?

    fileprivate init(apex: String, found: [DNSServer: String?], by resolver: String) {
        (self.apex, self.found, self.resolver) = (apex, found, resolver)
    }

    /// Those to ask first: the provider's own, or if these cannot be found, those that the resolver shows.
    package var first: [DNSServer] { Self.sorted(own.isEmpty ? found : own) }
    /// Those to ask when none of the first ones answers.
    var second: [DNSServer] { own.isEmpty ? [] : Self.sorted(found) }
    package var isEmpty: Bool { found.isEmpty && own.isEmpty }
    /// Whether the provider's own servers are others than the resolver shows, and are known by address.
    package var isOwn: Bool { !own.isEmpty }

    private static func sorted(_ servers: [DNSServer: String?]) -> [DNSServer] {
        servers.keys.sorted { "\($0)" < "\($1)" }
    }

    /// How servers of it were found: a clause that follows one or several of them.
    package func origin(isSecond: Bool) -> String {
        let zone = sanitized(apex, limit: 100)
        guard let contrast else { return "of the name servers of \(zone) that \(resolver) shows" }
        guard isSecond || own.isEmpty else {
            return "of the provider's own name servers for \(zone) (\(resolver) shows \(Self.list(contrast.shown)))"
        }
        return
            "of the name servers of \(zone) that \(resolver) shows (the provider's own, \(Self.list(contrast.own)), cannot be "
            + "asked; LANDFALL_RESOLVERS names resolvers that show the Internet)"
    }

    package static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : sanitized(names.joined(separator: ", "), limit: 100)
    }

    /// `ns1.example.test (192.0.2.1:53)`
    package func text(_ server: DNSServer) -> String {
        guard let name = own[server] ?? found[server] ?? nil else { return "\(server)" }
        return "\(sanitized(name, limit: 100)) (\(server))"
    }

    /// A sentence that names a server and what is wrong with it.
    package func text(_ server: DNSServer, _ fault: NameServerFault) -> String {
        "\(text(server)), a name server of \(sanitized(apex, limit: 100)), \(fault.rawValue)"
    }

    /// Those of the first servers that did not answer a question about the zone, or not as its servers.
    func faults(in answers: [DNSServer: DNSAnswer]) -> [DNSServer: NameServerFault] {
        first.reduce(into: [:]) { faults, server in
            switch answers[server] {
            case nil: faults[server] = .silent
            case let answer? where !answer.authoritative || !answer.isAboutName: faults[server] = .lame
            case .some: break
            }
        }
    }
}

/// What is wrong with a server of a zone.
package enum NameServerFault: String, Hashable, Sendable {
    case silent = "does not answer"
    /// It answers, and not as a server of the zone.
    case lame = "answers, but not as a server of the zone (lame)"
}

/// Asks recursive resolvers about zones: where they begin, and which servers answer for them.
struct NameserverFinder: Sendable {
    let resolvers: RecursiveResolvers
    let scope: Scope

    /// As many as the root has, and more than a delegation can hold. The owner of a zone could name thousands, also of others.
    private static let limit = 13

    /// The servers of the zone that begins at `apex`, at most thirteen; none where they cannot be found.
    ///
    /// A resolver may show another world than the Internet does (split horizon). Where it names other servers than the
    /// provider's own, those are asked first: the provider has the records, and the ACME server asks it.
    ///
    /// Servers of the internal view are never asked: they may have a zone of the same name, but no authority sees it.
    ///
    /// - Parameter zone: the provider's zone; nil where no provider has it.
    func servers(of apex: String, in zone: Zone?) async -> ZoneServers {
        let own = (zone?.nameServers ?? []).prefix(Self.limit).map {
            ($0.hasSuffix(".") ? $0.dropLast() : $0[...]).lowercased()
        }
        let names = Set(await serverNames(of: apex))
        let found = await addresses(of: names).filter { zone?.internalServers?.contains($0.key) != true }
        var servers = ZoneServers(apex: apex, found: found, by: resolvers.description)
        let addresses = Set(own.compactMap { DNSServer($0) })
        guard !own.isEmpty, addresses.isEmpty ? Set(own) != names : !addresses.isSubset(of: found.keys) else {
            return servers
        }
        // Recordings of older versions have no such questions.
        let look = NameserverFinder(resolvers: resolvers, scope: .look(apex))
        if addresses.isEmpty {
            servers.own = await look.addresses(of: Set(own))
        } else if await look.differs(found, names, at: addresses, apex) {
            servers.own = Dictionary(addresses.map { ($0, nil) }) { first, _ in first }
        } else {
            return servers
        }
        servers.contrast = ZoneServers.Contrast(own: own.sorted(), shown: names.sorted())
        return servers
    }

    /// Whether a server of the provider shows other NS records, or other addresses of their names, than the resolver. It may be
    /// a hidden primary, which no NS record names; one that does not answer proves nothing.
    private func differs(
        _ found: [DNSServer: String?],
        _ names: Set<String>,
        at servers: Set<DNSServer>,
        _ apex: String
    ) async -> Bool {
        let answers = await ask(servers, DNSQuestion(apex, .ns, recursionDesired: false))
        guard let (server, answer) = answers.first(where: { $0.value.authoritative }) else { return false }
        let own = Set(answer.answers.filter { $0.kind == .ns && $0.name == apex }.map(\.content))
        guard own == names else { return !own.isEmpty }
        for name in own where name == apex || name.hasSuffix("." + apex) {
            let answers = await ask([server], DNSQuestion(name, .a, recursionDesired: false))[server]?.answers ?? []
            let addresses = answers.filter { $0.kind == .a }.compactMap { IPAddress($0.content) }
            let known = Set(found.filter { $0.value == name }.map(\.key.address))
            if !addresses.isEmpty, known.isDisjoint(with: addresses) { return true }
        }
        return false
    }

    /// The answers of those servers that answer.
    func ask(_ servers: some Sequence<DNSServer>, _ question: DNSQuestion) async -> [DNSServer: DNSAnswer] {
        let (client, scope) = (resolvers.client, scope)
        return await withTaskGroup(of: (DNSServer, DNSAnswer?).self) { group in
            for server in servers {
                group.addTask { (server, try? await client.query(question, at: server, for: scope)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    /// The servers with these names; one address of each before a second one of any.
    private func addresses(of names: Set<String>) async -> [DNSServer: String?] {
        let names = names.sorted().prefix(Self.limit)
        let found: [String: [DNSServer]] = await withTaskGroup(of: (String, [DNSServer]).self) { group in
            for name in names { group.addTask { (name, await addresses(of: name)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var servers: [DNSServer: String?] = [:]
        for place in 0..<Self.limit {
            for name in names {
                guard let list = found[name], list.indices.contains(place), servers.count < Self.limit else { continue }
                if servers[list[place]] == nil { servers[list[place]] = name }
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

    func ask(_ name: String, _ kind: DNSQuestion.Kind) async -> DNSAnswer? {
        await resolvers.ask(name, kind, for: scope)
    }
}
