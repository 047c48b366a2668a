import Model
package import Ports
import Threads

/// Looks at resolvers and zones as an order would, for `landfall check`.
package struct ZoneInspection: Sendable {
    /// What a look at one zone found.
    package struct Result: Sendable {
        package let servers: ZoneServers
        /// Those that answered for the zone.
        package let answering: [DNSServer]
        /// What is wrong with the others, a sentence each.
        package let faults: [String]
        /// The primary servers in the SOA, as the resolver has it and as the zone's servers have it, where these differ.
        package let primaries: (shown: String, own: String)?
    }

    private let client: any DNSClient
    private let resolvers: ResolverList

    package init(resolver: any DNSClient, recursive: ResolverList) { (client, resolvers) = (resolver, recursive) }

    /// The resolvers that do not answer a question about a name, and why, a clause each.
    package func resolverFaults(asking name: String) async -> [(server: DNSServer, reason: String)] {
        let question = DNSQuestion(name, .soa, recursionDesired: true)
        let servers = resolvers.servers
        let reasons = await concurrentMap(servers, atMost: 8) { server -> String? in
            do throws(DNSQueryError) {
                let answer = try await client.query(question, at: server, for: .look(name))
                return answer.isAboutName ? nil : "\(server) answers with code \(answer.code)"
            } catch {
                return "\(error)"
            }
        }
        return zip(servers, reasons).compactMap { server, reason in reason.map { (server, $0) } }
    }

    package func inspect(_ zone: Zone) async -> Result {
        let apex = zone.name.text
        let recursive = RecursiveResolvers(client: client, list: resolvers)
        let finder = NameserverFinder(resolvers: recursive, scope: .look(apex))
        let servers = await finder.servers(of: apex, in: zone)
        let answers = await finder.ask(servers.first, DNSQuestion(apex, .soa, recursionDesired: false))
        let faults = servers.faults(in: answers)
        let shown = await finder.ask(apex, .soa).flatMap { Self.primary(of: apex, in: $0) }
        let own = servers.first.lazy.compactMap { answers[$0] }.compactMap { Self.primary(of: apex, in: $0) }.first
        return Result(
            servers: servers,
            answering: servers.first.filter { faults[$0] == nil },
            faults: faults.map { servers.text($0.key, $0.value) }.sorted(),
            primaries: shown.flatMap { shown in own.flatMap { $0 == shown ? nil : (shown, $0) } }
        )
    }

    private static func primary(of apex: String, in answer: DNSAnswer) -> String? {
        answer.answers.first { $0.kind == .soa && $0.name == apex }?.content
    }
}
