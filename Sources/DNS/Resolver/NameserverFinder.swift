import Model
import Ports

/// What recursive resolvers tell about zones: where they begin, and which servers answer for them.
struct NameserverFinder: Sendable {
    let resolver: any DNSClient
    let recursive: [DNSServer]
    let scope: Scope

    /// The addresses of the servers of the zone that begins at `apex`; empty where they cannot be found.
    func servers(of apex: String) async -> [DNSServer] {
        let names = await serverNames(of: apex)
        return await withTaskGroup(of: [DNSServer].self) { group in
            for name in names { group.addTask { await addresses(of: name) } }
            let found = await group.reduce(into: Set<DNSServer>()) { $0.formUnion($1) }
            return found.sorted { "\($0)" < "\($1)" }
        }
    }

    /// The name at or above `name` where its zone begins; nil where nobody tells.
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

    /// The SOA stands in the answer at the apex itself, in the authority section below it (RFC 2308 §3). An alias brings
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
        let question = DNSQuestion(name, kind, recursionDesired: true)
        for server in recursive {
            if let answer = try? await resolver.query(question, at: server, for: scope), [0, 3].contains(answer.code) {
                return answer
            }
        }
        return nil
    }
}
