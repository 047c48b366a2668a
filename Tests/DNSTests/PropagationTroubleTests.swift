import DNS
import Model
import Ports
import TestSupport
import Testing

@Suite struct PropagationTroubleTests {
    private let name = "_acme-challenge.www.example.test"
    private let clock = LeapingClock()
    private let zone: Zone
    private let recursive: DNSServer
    private let authoritative: DNSServer

    init() throws {
        zone = Zone(name: try DomainName("example.test"), id: "z1")
        recursive = DNSServer(address: try #require(IPAddress("192.0.2.53")))
        authoritative = DNSServer(address: try #require(IPAddress("192.0.2.1")))
    }

    private func wait(at resolver: ScriptedResolver, limit: Duration = .seconds(60)) async -> PropagationResult {
        await Propagation(resolver: resolver, recursive: [recursive], clock: clock)
            .wait(for: ["one"], at: name, zones: [zone], limit: limit, scope: .run)
    }

    @Test func `the pauses grow from 200 ms to 2 s, and the last one ends with the limit`() async {
        let resolver = ScriptedResolver(ScriptedResolver.Line.directions + [.answer(name, .txt)])
        #expect((await wait(at: resolver, limit: .seconds(9))).withoutValue == [authoritative])
        #expect(
            clock.sleeps.prefix(4) == [.milliseconds(200), .milliseconds(300), .milliseconds(450), .milliseconds(675)]
        )
        #expect(clock.sleeps.max() == .seconds(2))
        #expect(clock.uptime == .seconds(9))
        #expect(resolver.questions(about: name) == clock.sleeps.count + 1)
    }

    @Test func `of a zone with a thousand name servers thirteen are asked`() async {
        let names = (0..<1000).map { "ns\($0).elsewhere.test" }
        let addresses = names.indices.map { "198.51.\(100 + $0 / 250).\($0 % 250 + 1)" }
        let lines = zip(names, addresses).map { ScriptedResolver.Line.answer($0, .a, [$1, "203.0.113.1"]) }
        let resolver = ScriptedResolver(
            [.answer("example.test", .ns, names), .answer(name, .txt, ["one"])] + lines
        )
        #expect(await wait(at: resolver) == .visible)
        #expect(resolver.questions(about: name) == 13)
        #expect(names.count { resolver.questions(about: $0) > 0 } == 13)
    }

    @Test func `aliases that lead in a circle cause no delay`() async {
        let resolver = ScriptedResolver(
            ScriptedResolver.Line.directions + [
                .answer(name, .txt, alias: "a.example.test"), .answer("a.example.test", .txt, alias: "b.example.test"),
                .answer("b.example.test", .txt, alias: "a.example.test"), .answer("a.example.test", .soa),
                .answer("b.example.test", .soa),
            ]
        )
        #expect((await wait(at: resolver, limit: .seconds(3))).withoutValue == [authoritative])
    }

    @Test func `a value that somebody's cache does not know is not absent`() async {
        let resolver = ScriptedResolver(
            ScriptedResolver.Line.directions + [.answer(name, .txt, code: 3, authoritative: false)]
        )
        #expect(await wait(at: resolver) == .unreachable)
    }

    @Test(arguments: [2, 5])
    func `a server that fails or refuses says nothing about the value`(code: Int) async {
        let resolver = ScriptedResolver(ScriptedResolver.Line.directions + [.answer(name, .txt, code: code)])
        #expect(await wait(at: resolver) == .unreachable)
    }

    @Test func `silence from everybody is borne for five seconds, not for the whole limit`() async {
        let before = clock.uptime
        #expect(await wait(at: ScriptedResolver([]), limit: .seconds(3600)) == .unreachable)
        #expect(clock.uptime - before >= .seconds(5))
        #expect(clock.uptime - before < .seconds(10))
    }

    @Test func `a server that falls silent after it was heard is waited for`() async {
        let resolver = ScriptedResolver(ScriptedResolver.Line.directions + [.answer(name, .txt)], silentAfter: 1)
        #expect((await wait(at: resolver, limit: .seconds(30))).withoutValue == [authoritative])
        #expect(clock.uptime == .seconds(30))
    }

    @Test func `a zone without NS records is looked for at its primary`() async {
        let resolver = ScriptedResolver([
            .answer("example.test", .ns), .answer("example.test", .soa, ["primary.example.test"]),
            .answer("primary.example.test", .a, ["192.0.2.1"]), .answer(name, .txt, ["one"]),
        ])
        #expect(await wait(at: resolver) == .visible)
    }

    @Test func `a server with IPv6 alone is asked there`() async {
        let resolver = ScriptedResolver([
            .answer("example.test", .ns, ["ns1.example.test"]), .answer("ns1.example.test", .a),
            .answer("ns1.example.test", .aaaa, ["2001:db8::1"]), .answer(name, .txt, ["one"]),
        ])
        #expect(await wait(at: resolver) == .visible)
    }

    @Test func `a wait that is cancelled ends with what it saw`() async {
        let resolver = ScriptedResolver(ScriptedResolver.Line.directions + [.answer(name, .txt)])
        let clock = TestClock()
        let propagation = Propagation(resolver: resolver, recursive: [recursive], clock: clock)
        let task = Task { [name, zone] in
            await propagation.wait(for: ["one"], at: name, zones: [zone], limit: .seconds(60), scope: .run)
        }
        await clock.sleepers(1)
        task.cancel()
        #expect((await task.value).withoutValue == [authoritative])
    }
}
