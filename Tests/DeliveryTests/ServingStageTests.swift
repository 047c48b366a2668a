import Model
import Ports
import Report
import State
import Synchronization
import TestSupport
import Testing

@testable import Delivery

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
            defaultEndpoint: ProbeEndpoint("proxy:443"),
            state: state,
            clock: clock
        ) { Fingerprint(hex: String(decoding: $0, as: UTF8.self)) }
    }

    private func host(_ name: String, _ probe: ProbeChoice = .standard) throws -> DesiredHost {
        let origin = Origin(kind: .service, id: "s", name: "web")
        return DesiredHost(name: try DomainName(name), origin: origin, probe: probe)
    }

    private func checks(_ stage: ServingStage) throws -> [ServingCheck] {
        stage.checks([try host("a.test")], [try DomainName("a.test"): Fingerprint(hex: "f2")])
    }

    @Test func `hosts are asked for where their label says, or where all are`() throws {
        let hosts = [
            try host("a.test"), try host("b.test", .off),
            try host("c.test", .at(#require(ProbeEndpoint("other:8443")))),
            try host("uncertified.test"),
        ]
        let prints = Dictionary(uniqueKeysWithValues: hosts.dropLast().map { ($0.name, Fingerprint(hex: "f")) })
        let places = stage([""]).checks(hosts + hosts, prints).map { "\($0.host) \($0.endpoint)" }
        #expect(places == ["a.test proxy:443", "c.test other:8443"])
    }

    @Test func `another certificate than the one on disk is trouble, which is remembered until it is over`()
        async throws
    {
        let wrong = stage(["f1"])
        let asked = try checks(wrong)
        let found = await wrong.report(asked, .request)
        #expect(found.first?.reason?.contains("another certificate") == true)
        #expect(await wrong.report(asked, .event) == found)

        let right = stage(["f2"])
        #expect(await right.report(asked, .request).map(\.reason) == [nil])
        #expect(await right.report(asked, .event).map(\.reason) == [nil])
    }

    @Test func `a host whose service is being updated keeps its last report, and is checked afterwards`() async throws {
        let stage = stage(["f1", "f2"])
        let asked = try checks(stage)
        let updated: Set = [try DomainName("a.test")]
        #expect(await stage.report(asked, .request, postponing: updated).map(\.reason) == [nil])
        let found = await stage.report(asked, .event)
        #expect(found.first?.reason != nil)
        #expect(await stage.report(asked, .request, postponing: updated) == found)
        #expect(await stage.report(asked, .event).map(\.reason) == [nil])
    }

    @Test func `after a signal a server is given time`() async throws {
        let slow = stage(["f1", nil, "f2"])
        let asked = try checks(slow)
        async let found = slow.report(asked, .change)
        for _ in 0..<2 {
            await clock.sleepers(1)
            clock.advance(by: .milliseconds(500))
        }
        #expect(await found.map(\.reason) == [nil])
    }

    @Test func `beside the runs a report waits for no server, and a change of the result is told`() async throws {
        let server = HangingServer()
        let stage = ServingStage(
            probe: server,
            defaultEndpoint: ProbeEndpoint("silent:443"),
            state: state,
            clock: clock
        ) { _ in nil }
        stage.prepareToRun()
        let hosts = try (0..<96).map { try host("h\($0).test") }
        let prints = Dictionary(uniqueKeysWithValues: hosts.map { ($0.name, Fingerprint(hex: "f\($0.name)")) })
        let asked = stage.checks(hosts, prints)
        #expect(asked.count == 96)
        let told = AsyncCollector<Int>()
        let beside = Task { await stage.run { told.add(1) } }
        // No probe ever ends, and still every run gets its report.
        #expect(await stage.report(asked, .request).allSatisfy { $0.isServed })
        try await eventually("sixteen probes") { server.count == 16 }
        for _ in 0..<3 { #expect(await stage.report(asked, .event).allSatisfy { $0.isServed }) }
        server.fail(.timedOut(after: .seconds(5)))
        try await eventually("word of it") { told.all.count == 1 }
        #expect(await stage.report(asked, .event).allSatisfy { !$0.isServed })
        // The other eighty did not ask the silent endpoint again.
        #expect(server.count == 16)
        beside.cancel()
        await beside.value
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

    @Test func `what 0.1.0 knew of signals, secrets and servers is kept`() async throws {
        let state = try OldState.migrated()
        let delivered = try SignalStore(in: state).load()
        #expect(delivered.baseline == [:])
        #expect(delivered.byContainer.values.first?["web"]?.hex.hasPrefix("af6e4339") == true)
        #expect(SecretStore(in: state).load("z5nk8tmj9z30php238qfzeohv")?.keys.sorted() == ["cert.crt", "cert.key"])
        let endpoint = try #require(ProbeEndpoint("127.53.0.1:443"))
        let stage = ServingStage(probe: Server([nil]), defaultEndpoint: endpoint, state: state, clock: clock) { _ in nil
        }
        let checks = stage.checks(
            [try host("web.example.test")],
            [try DomainName("web.example.test"): Fingerprint(hex: "f")]
        )
        stage.prepareToRun()
        let reports = await stage.report(checks, .event)
        #expect(reports.first?.reason?.hasSuffix("than the one on disk") == true)
    }
}

/// Answers no probe until it is told to let all fail.
private final class HangingServer: TLSProbe {
    private struct State {
        var count = 0
        var error: TransportError?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// How many probes there were.
    var count: Int { state.withLock(\.count) }

    func fail(_ error: TransportError) {
        let waiting = state.withLock { state in
            state.error = error
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func certificate(
        for name: String,
        at endpoint: ProbeEndpoint,
        for scope: Scope
    ) async throws(TransportError) -> [UInt8] {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                state.count += 1
                if state.error == nil { state.waiting.append(continuation) }
                return state.error != nil
            }
            if isOver { continuation.resume() }
        }
        throw state.withLock(\.error) ?? .cancelled
    }
}
