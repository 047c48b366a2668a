import Model
import Ports
import Timing

/// Where the emulated zones' records become visible: a DNS server, for the sandbox.
package protocol DNSPublisher: Sendable {
    /// Makes the values at (name, type) exactly these; none removes the set.
    func publish(_ set: PublishedSet) async
}

/// What DNS shows at one name of one type.
package struct PublishedSet: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable { case a = "A", aaaa = "AAAA", cname = "CNAME", txt = "TXT" }

    package let zone: String
    package let name: String
    package let kind: Kind
    package let values: [String]

    package init(zone: String, name: String, kind: Kind, values: [String]) {
        (self.zone, self.name, self.kind, self.values) = (zone, name, kind, values)
    }
}

extension RecordTable {
    /// What DNS shows at a name. Whatever is proxied is shown as Cloudflare's own edge.
    func shown(at name: String) -> [PublishedSet] {
        let records = records(named: name)
        let isProxied = records.contains(where: \.proxied)
        return PublishedSet.Kind.allCases.map { kind in
            let values =
                if !zone.state.isServed {
                    [String]()
                } else if isProxied, let edge = Self.edge[kind] {
                    edge
                } else {
                    records.filter { $0.type == kind.rawValue }.map(\.content)
                }
            return PublishedSet(zone: zone.name, name: name, kind: kind, values: values)
        }
    }

    private static let edge: [PublishedSet.Kind: [String]] = [
        .a: ["104.16.0.1"], .aaaa: ["2606:4700::6810:1"], .cname: [],
    ]
}

/// Shows changes in the order they were made, each after its delay.
final class Publication: Sendable {
    private let changes: AsyncStream<(due: Duration, set: PublishedSet)>.Continuation

    init(to publisher: any DNSPublisher, clock: any Clock) {
        let (stream, continuation) = AsyncStream.makeStream(of: (due: Duration, set: PublishedSet).self)
        changes = continuation
        Task {
            for await (due, set) in stream {
                let wait = due - clock.uptime
                if wait > .zero { try? await clock.sleep(for: wait) }
                await publisher.publish(set)
            }
        }
    }

    deinit { changes.finish() }

    func show(_ sets: [PublishedSet], at due: Duration) {
        for set in sets { changes.yield((due, set)) }
    }
}
