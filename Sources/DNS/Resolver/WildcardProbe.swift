package import Model
package import Ports

/// Finds out whether a name exists or is only covered by a wildcard record, by asking recursive resolvers.
package struct WildcardProbe: Sendable {
    private static let label = "landfall-probe"

    private let resolver: any DNSClient
    private let recursive: [DNSServer]

    /// `recursive` are asked in order, until one answers.
    package init(resolver: any DNSClient, recursive: [DNSServer]) {
        (self.resolver, self.recursive) = (resolver, recursive)
    }

    /// Whether there is a resolver to ask.
    package var hasResolvers: Bool { !recursive.isEmpty }

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
            guard let answer = await ask(DNSQuestion(name, kind, recursionDesired: true), scope) else { return nil }
            if !answer.answers.isEmpty { return true }
        }
        return false
    }

    private func ask(_ question: DNSQuestion, _ scope: Scope) async -> DNSAnswer? {
        for server in recursive {
            // RFC 1035 §4.1.1: 0 no error, 3 no such name.
            if let answer = try? await resolver.query(question, at: server, for: scope), [0, 3].contains(answer.code) {
                return answer
            }
        }
        return nil
    }
}
