import DNS
import Log
import Model
import Ports
import State
import Synchronization
import TestSupport
import Testing
@testable import Certificates

/// Orders whose challenges could not be answered are not placed.
@Suite struct ChallengePlacesTests {
    private let provider: FakeProvider
    private let scratch: Scratch
    private let state: StateStore

    init() throws {
        provider = FakeProvider(zone: try DomainName("example.test"), others: [try DomainName("auth.test")])
        scratch = try Scratch()
        state = try .inMemory()
    }

    private func note(_ type: String, _ name: String, _ content: String, in zone: String = "example.test") throws {
        let zone = try DomainName(zone)
        provider.contents.withLock { $0[zone, default: ZoneCuts()].note(type, name, content, in: zone) }
    }

    private func plan(
        _ name: String = "www.example.test",
        zones: ZoneDirectory? = nil,
        changing change: (inout CertbotSettings) -> Void = { _ in }
    ) async throws -> [CertificateStep] {
        let stage = CertificateStage.withoutCertbot(in: scratch, state: state, clock: TestClock(), changing: change)
        let origin = Origin(kind: .service, id: "web", name: "web")
        let hosts = [DesiredHost(name: try DomainName(name), origin: origin)]
        return await stage.plan(hosts, zones: zones ?? provider.directory).steps
    }

    private func refusal(_ steps: [CertificateStep]) -> String? {
        if case .refuse(let reason)? = steps.first?.action { reason } else { nil }
    }

    @Test(arguments: [
        ("dev.example.test", "www.dev.example.test"), ("_acme-challenge.www.example.test", "www.example.test"),
    ])
    func `a delegation at the challenge or above it refuses the order`(delegation: String, host: String) async throws {
        try note("NS", delegation, "ns.elsewhere.test.")
        let reason = try #require(refusal(try await plan(host)))
        #expect(reason.hasPrefix("\(delegation) is delegated to ns.elsewhere.test, so a challenge at "), "\(reason)")
        #expect(try await plan("web.example.test").map(\.isOrder) == [true])
    }

    @Test func `a wildcard's challenge is the one of its base`() async throws {
        try note("NS", "_acme-challenge.dev.example.test", "ns.elsewhere.test")
        #expect(refusal(try await plan("*.dev.example.test")) != nil)
    }

    @Test func `where an alias leads counts: to a delegation, out of all zones, or round in circles`() async throws {
        try note("CNAME", "_acme-challenge.www.example.test", "www.challenges.auth.test")
        #expect(try await plan().map(\.isOrder) == [true])
        try note("NS", "challenges.auth.test", "ns.elsewhere.test", in: "auth.test")
        #expect(refusal(try await plan())?.hasPrefix("challenges.auth.test is delegated to ns.elsewhere.test") == true)
        try note("CNAME", "_acme-challenge.api.example.test", "api.elsewhere.test")
        let reason = refusal(try await plan("api.example.test"))
        #expect(reason?.contains("is an alias of api.elsewhere.test, which is in no zone that Landfall may") == true)
        try note("CNAME", "_acme-challenge.a.example.test", "_acme-challenge.b.example.test")
        try note("CNAME", "_acme-challenge.b.example.test", "_acme-challenge.a.example.test")
        #expect(refusal(try await plan("a.example.test"))?.contains("lead nowhere") == true)
    }

    @Test func `an alias into a zone that is not served waits, and so does an order below one`() async throws {
        try note("CNAME", "_acme-challenge.www.example.test", "www.auth.test")
        let zones = [
            Zone(name: try DomainName("example.test"), id: "1"),
            Zone(name: try DomainName("auth.test"), id: "2", unservedReason: "it is pending"),
        ]
        let directory = ZoneDirectory(entries: zones.map { .init(zone: $0, provider: provider) })
        let text = "_acme-challenge.www.example.test is an alias of www.auth.test: it is pending"
        #expect(try await plan(zones: directory).map(\.action) == [.wait(text)])
        #expect(try await plan("x.auth.test", zones: directory).map(\.action) == [.wait("it is pending")])
    }

    @Test func `a full zone at the end of an alias lets the order wait, also if it turns out between plan and order`()
        async throws
    {
        try note("CNAME", "_acme-challenge.www.example.test", "www.auth.test")
        let directory = provider.directory
        let steps = try await plan(zones: directory)
        #expect(steps.map(\.isOrder) == [true] && steps[0].challengeZones == [provider.others[0].name])
        let entry = try #require(directory.entries.last)
        await directory.full.note(entry, "Record quota exceeded. (81045)")
        let reason = try #require(directory.full.reason(of: entry.zone.name))
        #expect(CertificatePlan(steps: steps).holding(directory.full).steps.map(\.action) == [.wait(reason)])
        #expect(try await plan(zones: directory).map(\.action) == [.wait(reason)])
        // Another zone's room does not matter.
        #expect(try await plan("api.example.test", zones: directory).map(\.isOrder) == [true])
    }

    @Test func `a plugin of certbot's that writes elsewhere is not held back`() async throws {
        try note("NS", "dev.example.test", "ns.elsewhere.test")
        let steps = try await plan("www.dev.example.test") { settings in
            settings.authenticator = .plugin(CertbotPlugin(name: "dns-route53", credentials: nil))
        }
        #expect(steps.map(\.isOrder) == [true])
    }

    @Test func `a challenge that a full zone refuses says so, and holds what comes after it`() async throws {
        provider.refuse(publishing: .full("Record quota exceeded. (81045)"))
        let solver = DNS01Solver(
            propagation: FixedPropagation(result: .visible),
            limit: .seconds(60),
            state: state,
            clock: TestClock(),
            randomness: FixedRandomness(),
            log: .silent
        )
        let directory = provider.directory
        let name = try DomainName("www.example.test")
        let token = await solver.openSession(lineage: "x", names: [name], zones: directory) { _ in }
        let request = HookRequest(
            action: .auth,
            token: token,
            domain: name.text,
            validation: String(repeating: "a", count: 43),
            remaining: 0
        )
        let reason = "the zone example.test is full: fake says `Record quota exceeded. (81045)`"
        #expect(await solver.handle(request).reason.contains(reason))
        #expect(directory.full.reason(of: provider.zone.name)?.hasPrefix(reason) == true)
    }
}
