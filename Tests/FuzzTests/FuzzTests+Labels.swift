@testable import Discovery
import Docker
import Model
@testable import Delivery
import TestSupport
import Testing

/// What labels of every kind may say.
extension FuzzTests {
    private static let keys =
        LabelKey.allCases.map(\.rawValue) + ["discovery.domain.name", "domain.automation.signal", "landfall.unknown"]

    private static func values() throws -> [[UInt8]] {
        let declared = try Labels.declarations().flatMap { labels -> [String] in
            guard case .object(let members) = labels else { return [] }
            return members.values.compactMap(\.text)
        }
        let own = [
            "www.example.test, web,*.example.test", "Bücher.Example.", "cname:www.example.net", "192.0.2.7",
            "2001:db8::7", "true",
            "300", "shared", "web", "proxy:8443", "[2001:db8::7]:443", "SIGHUP", "web=www.example.test,other",
            "a.example.test",
        ]
        return (own + Set(declared).sorted()).map { Array($0.utf8) }
    }

    @Test func `whatever a label says, it is read, or rejected with a reason of one line`() async throws {
        let signals = SignalRules(labels: Labels.rules.signalLabels, defaultDomain: Labels.rules.defaultDomain)
        try await fuzz("labels", try Self.values()) { input in
            var chance = input.chance
            var labels = ["landfall.host": "web"]
            for _ in 0..<2 { labels[chance.one(of: Self.keys)] = input.text }
            if chance.next() % 16 == 0 { labels["landfall." + input.text] = "" }
            let service = Service(id: "s", name: "web", labels: labels, containerLabels: labels)
            let container = Container(id: "c", name: "web", labels: labels)
            try Labels.check(Discovery.read([service], rules: Labels.rules), of: 1)
            try Labels.check(Discovery.read([container], rules: Labels.rules), of: 1)
            do throws(SignalRejection) {
                let hosts = try signals.requestedSignal(in: labels)?.hosts ?? []
                if hosts.count > 2 * LabelLimits.hosts { return false }
            } catch {
                try requireLine(error.reason, "the reason")
            }
            do throws(SecretRejection) {
                for file in try SecretLabel(input.text).files {
                    _ = LineageName.rejectionReason(of: file.lineage ?? "a")
                }
            } catch {
                try requireLine(error.reason, "the reason")
            }
            return true
        }
    }

    @Test func `whatever is taken for a name, an endpoint or a signal is written as the same`() async throws {
        let seeds = Corpus.bytes(
            "www.example.test",
            "*.example.test",
            "xn--bcher-kva.example",
            "bücher.example.",
            "proxy:8443",
            "192.0.2.7",
            "[2001:db8::7]:53",
            "sighup",
            "www.example.test=HUP"
        )
        try await fuzz("names", seeds) { input in
            let text = input.text
            var isAccepted = false
            if let name = try? DomainName(text) {
                try require(try DomainName(name.text) == name, "\(name) is another name")
                try require(
                    name.text.utf8.allSatisfy { $0 < 0x80 } && name.text.utf8.count <= 253,
                    "\(name) is no name"
                )
                _ = (name.registrableDomain, name.endsInPublicSuffix)
                isAccepted = true
            }
            if let endpoint = ProbeEndpoint(text) {
                try require(ProbeEndpoint(endpoint.description) == endpoint, "\(endpoint) is another endpoint")
                isAccepted = true
            }
            if let signal = SignalName(text) {
                try require(SignalName(signal.description) == signal, "\(signal) is another signal")
                isAccepted = true
            }
            if let order = SignalOrder(text) {
                try require(SignalOrder(order.description) == order, "\(order) is another order")
                isAccepted = true
            }
            if let address = IPAddress(text) {
                try require(IPAddress(address.description) == address, "\(address) is another address")
                isAccepted = true
            }
            return isAccepted
        }
    }
}
