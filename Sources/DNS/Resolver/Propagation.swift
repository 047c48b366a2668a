package import Model
package import Ports

package enum PropagationResult: Hashable, Sendable {
    /// Every authoritative server that answers holds all values.
    case visible
    /// The limit came first; these servers answered without the values.
    case absent(atServers: [DNSServer])
    /// No authoritative server ever gave a usable answer: port 53 is blocked, or the zone is not delegated.
    case unreachable
}

/// Waits until the authoritative servers of a name hold a TXT value, as an ACME server will ask them (RFC 8555 §8.4).
/// Recursive resolvers only lead to those servers; their answers about the name itself would be cached ones.
package struct Propagation: Sendable {
    private let resolvers: RecursiveResolvers
    private let clock: any Clock

    /// How long the silence of all servers counts as a passing fault.
    private static let silenceLimit = Duration.seconds(5)

    /// - Parameter recursive: are asked in order, until one answers.
    package init(resolver: any DNSClient, recursive: [DNSServer], clock: any Clock) {
        (resolvers, self.clock) = (RecursiveResolvers(client: resolver, servers: recursive), clock)
    }

    /// Asks at once, and again after 200 ms growing to 2 s, until `values` are all at `name` (with or without others), or
    /// `limit` is over. A cancelled wait ends with what it last saw.
    package func wait(
        for values: Set<String>,
        at name: String,
        zone: Zone,
        limit: Duration,
        scope: Scope
    ) async -> PropagationResult {
        let start = clock.uptime
        var lookup = AuthoritativeLookup(resolvers, for: scope)
        var pause = Duration.milliseconds(200)
        var result = PropagationResult.unreachable
        while true {
            let seen = await lookup.check(values, at: name.lowercased(), apex: zone.name.text)
            if seen == .visible { return seen }
            if seen != .unreachable { result = seen }
            let passed = clock.uptime - start
            guard passed < limit, result != .unreachable || passed < Self.silenceLimit,
                (try? await clock.sleep(for: min(pause, limit - passed))) != nil
            else { return result }
            pause = min(pause * 3 / 2, .seconds(2))
        }
    }

    /// What `name` is an alias of, by its authoritative servers, or by recursive ones where those cannot be asked; nil where it
    /// is none. A wildcard's alias shows at every name below it that does not exist, so it does not prevent publishing there.
    package func alias(of name: String, zone: Zone, scope: Scope) async -> String? {
        var lookup = AuthoritativeLookup(resolvers, for: scope)
        return await lookup.alias(of: name.lowercased(), apex: zone.name.text)
    }
}
