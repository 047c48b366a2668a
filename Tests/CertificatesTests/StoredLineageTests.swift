@testable import Certificates
import DNS
import Log
import Model
import Ports
import Report
import State
import TestSupport
import Testing
import Timing

/// What is remembered from run to run, and what it keeps from being ordered; no certbot is started here.
@Suite struct StoredLineageTests {
    private let scratch: Scratch
    private let state: StateStore
    private let clock = TestClock(now: SystemClock().now)
    private let zones: ZoneDirectory

    init() throws {
        scratch = try Scratch()
        state = try .inMemory()
        let provider = FakeProvider(zone: try DomainName("example.test"))
        zones = provider.directory
    }

    private func stage(wildcardProbe: WildcardProbe? = nil) -> CertificateStage {
        .withoutCertbot(in: scratch, state: state, clock: clock, wildcardProbe: wildcardProbe)
    }

    private func host(_ name: String) throws -> DesiredHost {
        DesiredHost(name: try DomainName(name), origin: Origin(kind: .service, id: "1", name: "web"))
    }

    /// One run, in a stage that has just been born.
    @discardableResult
    private func run(
        _ names: String...,
        knownRecords: KnownRecords = KnownRecords(),
        confirming: String? = nil
    ) async throws -> CertificatePlan {
        let hosts = try names.map { try host($0) }
        let confirmations = [confirming].compactMap(\.self)
        stage().markStarted(knownRecords)
        let plan = await stage().plan(hosts, zones: zones, knownRecords: knownRecords, confirmations: confirmations)
        _ = await stage().apply(plan, zones: zones) { _ in }
        return plan
    }

    private func store(_ name: String) async throws {
        try await scratch.run("mkdir", "-p", "letsencrypt")
        try await scratch.makeCertificate(name, names: [name])
        try await scratch.store(name, key: name, as: name, in: "letsencrypt")
    }

    private let ours = KnownRecords(holdsOurs: { true })

    @Test func `an empty store counts as not mounted until a person confirms it`() async throws {
        try await store("a.example.test")
        try await store("b.example.test")
        #expect(try await run("a.example.test", "b.example.test").holdReasons.first == nil)
        try await scratch.run("rm", "-r", "letsencrypt")
        try await scratch.run("mkdir", "letsencrypt")
        for _ in 0..<2 {
            let plan = try await run("a.example.test", "c.example.test")
            let trouble = try #require(plan.holdReasons.first)
            #expect(
                trouble.hasPrefix(
                    "\(scratch.path)/letsencrypt holds no certificate, but a.example.test and 1 more were there;"
                )
            )
            #expect(trouble.hasSuffix("`landfall once --confirm-empty-store`"))
            #expect(plan.steps.map(\.action) == [.wait(trouble), .wait(trouble)])
        }
        #expect(try await run("a.example.test", confirming: "1a2b3c4d").holdReasons.first != nil)
        #expect(try await run("a.example.test", confirming: MissingVolumeGuard.confirmation).hasOrders)
        // Nothing came of it, yet it is known to be empty now.
        #expect(try await run("a.example.test", "b.example.test").hasOrders)
    }

    @Test func `with an empty store and no state, our DNS records prove that there were certificates`() async throws {
        let plan = try await run("a.example.test", knownRecords: ours)
        #expect(plan.holdReasons.first?.contains("DNS has records of this instance") == true)
        #expect(!plan.hasOrders)
        #expect(
            try await run("a.example.test", knownRecords: ours, confirming: MissingVolumeGuard.confirmation).hasOrders
        )
        #expect(try await run("a.example.test", knownRecords: ours).hasOrders)
    }

    @Test func `records made since the first run prove nothing`() async throws {
        #expect(try await run("a.example.test").hasOrders, "the first run of all: nothing stands yet")
        #expect(try await run("a.example.test", knownRecords: ours).hasOrders, "the order failed, and is made again")
    }

    @Test func `records made while certificates were off prove nothing`() async throws {
        stage().markStarted(nil)
        #expect(try await run("a.example.test", knownRecords: ours).hasOrders)
    }

    @Test func `a deleted lineage that no label requests is forgotten`() async throws {
        try await store("a.example.test")
        try await store("b.example.test")
        try await run("a.example.test", "b.example.test")
        #expect(try state.texts(in: "lineages").keys.sorted() == ["a.example.test", "b.example.test"])
        try await scratch.run("sh", "-c", "rm -r letsencrypt/*/a.example.test*")
        try await run("b.example.test")
        #expect(try state.texts(in: "lineages").keys.sorted() == ["b.example.test"])
    }

    @Test func `of certificates that no label requests only ours are reported`() async throws {
        try await store("a.example.test")
        try await store("b.example.test")
        try await run("a.example.test")
        try state.commit(["lineages": ["b.example.test": #""issued""#]])
        let plan = try await run()
        let result = try #require(await stage().apply(plan, zones: zones) { _ in }.first)
        #expect(plan.steps.count == 1 && result.lineage == "b.example.test")
        #expect(result.hosts.isEmpty && result.outcome == .unchanged && result.fingerprint != nil)
    }

    @Test func `a clock that went back orders nothing, until it has run on for an hour`() async throws {
        let now = clock.now
        try await run()
        clock.setNow(now - .seconds(3600))
        #expect(try await run("a.example.test").hasOrders, "summer time, or a correction")
        clock.setNow(now - .seconds(40 * 86_400))
        let trouble = "this machine's clock says \(clock.now.day), but it was already \(now.day)"
        #expect(try await run("a.example.test").steps.map(\.action) == [.refuse(trouble)])
        clock.advance(by: .seconds(3500))
        #expect(try await run("a.example.test").steps.map(\.action) == [.refuse(trouble)])
        clock.advance(by: .seconds(200))
        #expect(try await run("a.example.test").hasOrders)
        #expect(try await run("a.example.test").hasOrders)
        // It was right before, after all.
        clock.setNow(now)
        #expect(try await run("a.example.test").hasOrders)
    }

    @Test func `leftovers of our own order are removed by the next one, and others are not`() async throws {
        try await run("a.example.test")
        try await scratch.run(
            "mkdir",
            "-p",
            "letsencrypt/renewal",
            "letsencrypt/archive/a.example.test",
            "letsencrypt/live"
        )
        for name in ["a.example.test", "b.example.test"] {
            try scratch.write("", to: "letsencrypt/renewal/\(name).conf")
            try await scratch.run("mkdir", "letsencrypt/live/\(name)")
        }
        let plan = await stage().plan([try host("a.example.test"), try host("b.example.test")], zones: zones)
        #expect(plan.steps.map(\.isOrder) == [true, false])
    }

    @Test func `a thousand certificates that are not due need no process and no request`() async throws {
        try await scratch.makeCertificate("w", names: ["*.example.test"])
        try await scratch.store("w", key: "w", as: "w", in: "letsencrypt")
        let script = """
            cd letsencrypt; i=0
            while [ $i -lt 1000 ]; do
                cp -a live/w live/h$i.example.test; echo >renewal/h$i.example.test.conf; i=$((i+1))
            done
            """
        try await scratch.run("sh", "-c", script)
        let hosts = try (0..<1000).map { try host("h\($0).example.test") }
        let plan = await stage().plan(hosts, zones: zones, asksAuthority: true)
        #expect(plan.steps.count == 1000 && !plan.hasOrders)
        let results = await stage().apply(plan, zones: zones) { _ in }
        #expect(results.allSatisfy { $0.outcome == .unchanged && $0.fingerprint != nil })
    }
}
