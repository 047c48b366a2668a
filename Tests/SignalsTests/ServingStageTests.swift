import Model
import Ports
import State
import Synchronization
import TestSupport
import Testing

@testable import Signals

@Suite(.limited(minutes: 1)) struct ServingStageTests {
    /// Shows one certificate after the other, and the last one for ever; nil is no answer.
    private final class Server: TLSProbe {
        private let shown: Mutex<[String?]>

        init(_ shown: [String?]) { self.shown = Mutex(shown) }

        func certificate(
            for name: String,
            at endpoint: ProbeEndpoint,
            for scope: Scope
        ) async throws(TransportError) -> [UInt8] {
            let next = shown.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            guard let next else { throw .unreachable("nobody listens") }
            return Array(next.utf8)
        }
    }

    private let clock = TestClock()
    private let state: StateStore

    init() throws { state = try .inMemory() }

    private func stage(_ shown: [String?]) -> ServingStage {
        ServingStage(
            probe: Server(shown),
            everybody: ProbeEndpoint("proxy:443"),
            state: state,
            clock: clock
        ) { Fingerprint(hex: String(decoding: $0, as: UTF8.self)) }
    }

    private func host(_ name: String, _ probe: ProbeChoice = .standard) throws -> DesiredHost {
        let origin = Origin(kind: .service, id: "s", name: "web")
        return DesiredHost(name: try DomainName(name), origin: origin, probe: probe)
    }

    private func questions(_ stage: ServingStage) throws -> [ServingQuestion] {
        stage.questions([try host("a.test")], [try DomainName("a.test"): Fingerprint(hex: "f2")])
    }

    @Test func `hosts are asked for where their label says, or where all are`() throws {
        let hosts = [
            try host("a.test"), try host("b.test", .off),
            try host("c.test", .at(#require(ProbeEndpoint("other:8443")))),
            try host("uncertified.test"),
        ]
        let prints = Dictionary(uniqueKeysWithValues: hosts.dropLast().map { ($0.name, Fingerprint(hex: "f")) })
        let places = stage([""]).questions(hosts + hosts, prints).map { "\($0.host) \($0.endpoint)" }
        #expect(places == ["a.test proxy:443", "c.test other:8443"])
    }

    @Test func `another certificate than the one on disk is trouble, which is remembered until it is over`()
        async throws
    {
        let wrong = stage(["f1"])
        let asked = try questions(wrong)
        let found = await wrong.look(asked, isFresh: false)
        #expect(found.first?.trouble?.contains("another certificate") == true)
        #expect(wrong.recall(asked) == found)

        let right = stage(["f2"])
        #expect(await right.look(asked, isFresh: false).map(\.trouble) == [nil])
        #expect(right.recall(asked).map(\.trouble) == [nil])
    }

    @Test func `a host whose service is being updated is left as it was, and owed a look`() async throws {
        let stage = stage(["f1", "f2"])
        let asked = try questions(stage)
        let updated: Set = [try DomainName("a.test")]
        #expect(!stage.owesLook(at: asked))
        #expect(await stage.look(asked, isFresh: true, leaving: updated).map(\.trouble) == [nil])
        #expect(stage.owesLook(at: asked))
        let found = await stage.look(asked, isFresh: false)
        #expect(found.first?.trouble != nil && stage.owesLook(at: asked))
        #expect(await stage.look(asked, isFresh: true, leaving: updated) == found)
        #expect(await stage.look(asked, isFresh: false).map(\.trouble) == [nil])
        #expect(!stage.owesLook(at: asked))
    }

    @Test func `after a signal a server is given time`() async throws {
        let slow = stage(["f1", nil, "f2"])
        let asked = try questions(slow)
        async let found = slow.look(asked, isFresh: true)
        for _ in 0..<2 {
            await clock.sleepers(1)
            clock.advance(by: .milliseconds(500))
        }
        #expect(await found.map(\.trouble) == [nil])
    }

    @Test(arguments: [
        ("proxy:443", "proxy:443"), ("proxy", "proxy:443"), ("198.51.100.7:8443", "198.51.100.7:8443"),
        ("[2001:db8::1]:443", "[2001:db8::1]:443"), ("stack_proxy:443", "stack_proxy:443"),
    ])
    func `a place is read`(text: String, place: String) {
        #expect(ProbeEndpoint(text).map { "\($0)" } == place)
    }

    @Test(arguments: [
        "", ":443", "proxy:", "proxy:0", "proxy:65536", "2001:db8::1", "[proxy]:443", "a b:1", "https://a",
    ])
    func `what is no place is refused`(text: String) {
        #expect(ProbeEndpoint(text) == nil)
    }
}
