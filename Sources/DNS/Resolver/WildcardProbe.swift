package import Model
package import Ports

/// Finds out whether a name exists or is only covered by a wildcard record, by asking recursive resolvers.
package struct WildcardProbe: Sendable {
    private static let label = "landfall-probe"

    private let resolvers: RecursiveResolvers

    package init(resolver: any DNSClient, recursive: [DNSServer]) {
        resolvers = RecursiveResolvers(client: resolver, servers: recursive)
    }

    package var hasResolvers: Bool { !resolvers.servers.isEmpty }

    /// Whether only a wildcard covers `name`: then it also covers the names below it, as it never does below a name that
    /// exists (RFC 4592 §3.3.1). Nil if no resolver answers.
    package func resolvesOnlyByWildcard(_ name: DomainName, scope: Scope) async -> Bool? {
        guard let parent = name.parent else { return false }
        guard let itself = await resolves(name.text, scope) else { return nil }
        // A name that resolves to nothing has nothing to lose.
        guard itself else { return false }
        guard let below = await resolves("\(Self.label).\(name)", scope) else { return nil }
        // An existing name may have a wildcard of its own below it.
        return below ? await resolves("\(Self.label).\(parent)", scope) : false
    }

    private func resolves(_ name: String, _ scope: Scope) async -> Bool? {
        for kind in [DNSQuestion.Kind.a, .aaaa] {
            guard let answer = await resolvers.ask(name, kind, for: scope) else { return nil }
            if !answer.answers.isEmpty { return true }
        }
        return false
    }
}
