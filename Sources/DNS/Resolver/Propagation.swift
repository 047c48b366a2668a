package import Model
package import Ports
import Synchronization

package enum PropagationResult: Hashable, Sendable {
    /// Every authoritative server that answers holds all values.
    case visible
    /// The limit came first; these servers answered without the values. `found` says how they were found, a clause.
    case absent(atServers: [DNSServer], found: String)
    /// No authoritative server ever gave a usable answer: port 53 is blocked, or the zone is not delegated.
    case unreachable
}

/// Waits until the authoritative servers of a name hold a TXT value, as an ACME server will ask them (RFC 8555 §8.4).
/// Recursive resolvers only lead to those servers; their answers about the name itself would be cached ones.
package struct Propagation: Sendable {
    private let client: any DNSClient
    private let resolvers: ResolverList
    private let clock: any Clock
    private let faults = NameServerFaults()

    /// How long the silence of all servers counts as a passing fault.
    private static let silenceLimit = Duration.seconds(5)

    /// - Parameter recursive: are asked in order, until one answers.
    package init(resolver: any DNSClient, recursive: ResolverList, clock: any Clock) {
        (client, resolvers, self.clock) = (resolver, recursive, clock)
    }

    /// Asks at once, and again after 200 ms growing to 2 s, until `values` are all at `name` (with or without others), or
    /// `limit` is over. A cancelled wait ends with what it last saw.
    ///
    /// - Parameter zones: the one of `name`, then others that aliases lead to.
    package func wait(
        for values: Set<String>,
        at name: String,
        zones: [Zone],
        limit: Duration,
        scope: Scope
    ) async -> PropagationResult {
        let start = clock.uptime
        var lookup = AuthoritativeLookup(recursive, zones: zones, for: scope)
        var pause = Duration.milliseconds(200)
        var result = PropagationResult.unreachable
        var lasting: [DNSServer: NameServerFault]?
        while true {
            let seen = await lookup.check(values, at: name.lowercased(), apex: zones.first?.name.text ?? "")
            // A lost packet is no fault of a server.
            lasting = lasting.map { known in seen.faults.filter { known[$0.key] != nil } } ?? seen.faults
            if seen.result != .unreachable {
                result = seen.result
                faults.save(lasting ?? [:], of: seen.servers)
            }
            let passed = clock.uptime - start
            guard seen.result != .visible, passed < limit,
                result != .unreachable || passed < Self.silenceLimit,
                (try? await clock.sleep(for: min(pause, limit - passed))) != nil
            else { return result }
            pause = min(pause * 3 / 2, .seconds(2))
        }
    }

    /// By zone, the name servers that were no use while others were, as of the last wait for the zone: a sentence each.
    package var nameServerFaults: [String: [String]] { faults.all }

    private var recursive: RecursiveResolvers { RecursiveResolvers(client: client, list: resolvers) }

    /// What `name` is an alias of, by its authoritative servers, or by recursive ones where those cannot be asked; nil where it
    /// is none. A wildcard's alias shows at every name below it that does not exist, so it does not prevent publishing there.
    package func alias(of name: String, zone: Zone, scope: Scope) async -> String? {
        var lookup = AuthoritativeLookup(recursive, zones: [zone], for: scope)
        return await lookup.alias(of: name.lowercased(), apex: zone.name.text)
    }
}

/// Name servers of zones that do not answer, or not for the zone, while others do: as of the last look at each zone.
private final class NameServerFaults: Sendable {
    private let zones = Mutex<[String: [String]]>([:])

    /// By zone, a sentence each.
    var all: [String: [String]] { zones.withLock(\.self) }

    func save(_ faults: [DNSServer: NameServerFault], of servers: ZoneServers) {
        let texts = faults.map { servers.text($0.key, $0.value) }.sorted()
        zones.withLock { $0[servers.apex] = texts.isEmpty ? nil : texts }
    }
}

/// Finds out whether a name exists or is only covered by a wildcard record, by asking recursive resolvers.
package struct WildcardProbe: Sendable {
    private static let label = "landfall-probe"

    private let client: any DNSClient
    private let resolvers: ResolverList

    package init(resolver: any DNSClient, recursive: ResolverList) { (client, resolvers) = (resolver, recursive) }

    package var hasResolvers: Bool { !resolvers.servers.isEmpty }

    /// Whether only a wildcard covers `name`: then it also covers the names below it, as it never does below a name that
    /// exists (RFC 4592 §3.3.1). Nil if no resolver answers.
    package func resolvesOnlyByWildcard(_ name: DomainName, scope: Scope) async -> Bool? {
        guard let parent = name.parent else { return false }
        let resolvers = RecursiveResolvers(client: client, list: resolvers)
        guard let itself = await resolves(name.text, resolvers, scope) else { return nil }
        // A name that resolves to nothing has nothing to lose.
        guard itself else { return false }
        guard let below = await resolves("\(Self.label).\(name)", resolvers, scope) else { return nil }
        // An existing name may have a wildcard of its own below it.
        return below ? await resolves("\(Self.label).\(parent)", resolvers, scope) : false
    }

    private func resolves(_ name: String, _ resolvers: RecursiveResolvers, _ scope: Scope) async -> Bool? {
        for kind in [DNSQuestion.Kind.a, .aaaa] {
            guard let answer = await resolvers.ask(name, kind, for: scope) else { return nil }
            if !answer.answers.isEmpty { return true }
        }
        return false
    }
}
