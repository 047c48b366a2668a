@testable import DNS
import Model
import Ports
import TestSupport
import Testing

/// A resolver that shows another world than the Internet does.
@Suite struct SplitHorizonTests {
    private typealias Line = ScriptedResolver.Line

    private let name = "_acme-challenge.www.example.test"
    private let example: DomainName

    init() throws { example = try DomainName("example.test") }

    private func zone(_ nameServers: String...) -> Zone { Zone(name: example, id: "1", nameServers: nameServers) }

    private func propagation(_ views: Views) -> Propagation {
        Propagation(resolver: views, recursive: Views.list(Views.resolver), clock: LeapingClock())
    }

    private func wait(_ views: Views, _ zone: Zone) async -> PropagationResult {
        await propagation(views).wait(for: ["one"], at: name, zones: [zone], limit: .seconds(20), scope: .run)
    }

    @Test func `the provider's own servers are asked where the resolver shows others`() async {
        let views = Views([
            Views.resolver: Views.insideView, Views.inside: [.answer(name, .txt)],
            Views.outside: [.answer(name, .txt, ["one"])],
        ])
        #expect(await wait(views, zone("ada.ns.cloudflare.test")) == .visible)
        #expect(!views.questions.contains("TXT \(name) @\(Views.inside)"))
    }

    @Test func `it is said which server was asked and how it was found`() async {
        let views = Views([
            Views.resolver: Views.insideView, Views.inside: [.answer(name, .txt, ["one"])],
            Views.outside: [.answer(name, .txt)],
        ])
        let clause =
            "of the provider's own name servers for example.test (the resolver 192.0.2.53:53 shows ns.inside.test)"
        let server = DNSServer(Views.outside)
        #expect(
            await wait(views, zone("ada.ns.cloudflare.test"))
                == .absent(atServers: [server].compactMap(\.self), found: clause)
        )
        let plain = Views([Views.resolver: Views.insideView, Views.inside: [.answer(name, .txt)]])
        let result = await wait(plain, zone("ns.inside.test"))
        #expect(result.found == "of the name servers of example.test that the resolver 192.0.2.53:53 shows")
    }

    @Test(arguments: [true, false])
    func `where the provider's own servers cannot be asked, the others are, and it is said`(areFound: Bool) async {
        let known = Views.insideView.filter { areFound || !$0.name.hasPrefix("ada.") }
        let views = Views([Views.resolver: known, Views.inside: [.answer(name, .txt)]])
        let result = await wait(views, zone("ada.ns.cloudflare.test"))
        #expect(result.withoutValue?.map(\.description) == [Views.inside])
        let clause = "(the provider's own, ada.ns.cloudflare.test, cannot be asked; LANDFALL_RESOLVERS"
        #expect(result.found?.contains(clause) == true)
    }

    @Test func `a server of dynamic updates is asked where it names others, and a hidden primary is not`()
        async
    {
        let shown = Line.answer(name, .txt, ["one"])
        let differing = Views([
            Views.resolver: Views.insideView, Views.inside: [.answer(name, .txt)],
            Views.outside: [.answer("example.test", .ns, ["ns1.outside.test"]), shown],
        ])
        #expect(await wait(differing, zone(Views.outside)) == .visible)
        let hidden = Views([
            Views.resolver: Views.insideView, Views.inside: [.answer(name, .txt)],
            Views.outside: [.answer("example.test", .ns, ["ns.inside.test"]), shown],
        ])
        #expect(await wait(hidden, zone(Views.outside)).withoutValue?.map(\.description) == [Views.inside])
        let silent = Views([Views.resolver: Views.insideView, Views.inside: [shown]])
        #expect(await wait(silent, zone(Views.outside)) == .visible)
    }

    @Test func `two views that name the same server differ by its address`() async {
        let inside: [Line] = [
            .answer("example.test", .ns, ["ns.example.test"]), .answer("ns.example.test", .a, ["10.0.0.5"]),
        ]
        let outside: [Line] = [
            .answer("example.test", .ns, ["ns.example.test"]), .answer("ns.example.test", .a, ["198.51.100.5"]),
            .answer(name, .txt, ["one"]),
        ]
        let views = Views([Views.resolver: inside, Views.inside: [.answer(name, .txt)], Views.outside: outside])
        #expect(await wait(views, zone(Views.outside)) == .visible)
    }

    @Test func `a server that is silent or lame is named once, while others answer`() async {
        let views = Views([
            Views.resolver: [
                .answer("example.test", .ns, ["ns1.example.test", "ns2.example.test", "ns3.example.test"]),
                .answer("ns1.example.test", .a, ["192.0.2.1"]), .answer("ns2.example.test", .a, ["192.0.2.2"]),
                .answer("ns3.example.test", .a, ["192.0.2.3"]),
            ], "192.0.2.1:53": [.answer(name, .txt, ["one"])],
            "192.0.2.3:53": [.answer(name, .txt, code: 5, authoritative: false)],
        ])
        let propagation = propagation(views)
        for _ in 0..<2 {
            let result = await propagation.wait(
                for: ["one"],
                at: name,
                zones: [zone()],
                limit: .seconds(20),
                scope: .run
            )
            #expect(result == .visible)
        }
        #expect(
            propagation.nameServerFaults["example.test"] == [
                "ns2.example.test (192.0.2.2:53), a name server of example.test, does not answer",
                "ns3.example.test (192.0.2.3:53), a name server of example.test, answers, but not as a server of the zone "
                    + "(lame)",
            ]
        )
    }

    @Test func `servers of the internal view are never asked, however they were found`() async {
        let inside = Zone(name: example, id: "2", nameServers: [Views.inside])
        let views = Views([
            Views.resolver: Views.insideView + [.answer(name, .cname, alias: "inside.example.test")],
            Views.inside: [.answer(name, .txt, ["one"])],
        ])
        let zone = zone().beside(inside)
        #expect(await wait(views, zone) == .unreachable)
        #expect(await propagation(views).alias(of: name, zone: zone, scope: .run) == nil)
        #expect(!views.questions.contains { $0.hasSuffix("@\(Views.inside)") })
        #expect(await wait(views, self.zone()) == .visible)
    }

    @Test func `a look at a zone compares NS and SOA with the provider's own`() async {
        let views = Views([
            Views.resolver: Views.insideView,
            Views.outside: [.answer("example.test", .soa, ["ada.ns.cloudflare.test"])],
        ])
        let inspection = ZoneInspection(resolver: views, recursive: Views.list(Views.resolver))
        let result = await inspection.inspect(zone("ada.ns.cloudflare.test"))
        #expect(result.servers.contrast?.shown == ["ns.inside.test"])
        #expect(result.servers.contrast?.own == ["ada.ns.cloudflare.test"])
        #expect(result.answering.map(\.description) == [Views.outside] && result.faults.isEmpty)
        #expect(result.primaries?.own == "ada.ns.cloudflare.test" && result.primaries?.shown == "ns.inside.test")
        #expect(await inspection.resolverFaults(asking: "example.test").isEmpty)
        let faults = await inspection.resolverFaults(asking: "example.net")
        #expect(faults.map(\.reason) == ["192.0.2.53:53 does not answer"])
    }
}
