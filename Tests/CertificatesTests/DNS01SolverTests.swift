import Certificates
import DNS
import Log
import Model
import Ports
import State
import Synchronization
import TestSupport
import Testing
import Timing

@Suite struct DNS01SolverTests {
    private let provider: FakeProvider
    private let state: StateStore
    private let clock = TestClock()

    init() throws {
        provider = FakeProvider(zone: try DomainName("example.test"))
        state = try .inMemory()
    }

    private func solver(_ propagation: FixedPropagation) -> DNS01Solver {
        DNS01Solver(
            propagation: propagation,
            limit: .seconds(60),
            state: state,
            clock: clock,
            randomness: SystemRandomness(),
            log: .silent
        )
    }

    private func open(_ solver: DNS01Solver, _ names: String...) async throws -> String {
        let names = try names.map { try DomainName($0) }
        return await solver.openSession(lineage: "x", names: names, zones: provider.directory) { _ in }
    }

    private func request(
        _ token: String,
        _ domain: String,
        _ letter: Character = "a",
        remaining: Int = 0,
        action: HookRequest.Action = .auth
    ) -> HookRequest {
        let value = String(repeating: letter, count: 43)
        return HookRequest(action: action, token: token, domain: domain, validation: value, remaining: remaining)
    }

    @Test func `values of one name coexist, and only the last call waits, for all of them`() async throws {
        let propagation = FixedPropagation(result: .visible)
        let solver = solver(propagation)
        let token = try await open(solver, "example.test", "*.example.test", "a.example.test")
        #expect(await solver.handle(request(token, "example.test", "a", remaining: 2)) == .accepted)
        #expect(await solver.handle(request(token, "example.test", "b", remaining: 1)) == .accepted)
        #expect(propagation.calls.all.isEmpty)
        #expect(await solver.handle(request(token, "a.example.test", "c", remaining: 0)) == .accepted)
        let (a, b, c) = (
            String(repeating: "a", count: 43), String(repeating: "b", count: 43), String(repeating: "c", count: 43)
        )
        #expect(
            Set(propagation.calls.all) == [
                .init(name: "_acme-challenge.example.test", values: [a, b]),
                .init(name: "_acme-challenge.a.example.test", values: [c]),
            ]
        )
        #expect(await solver.handle(request(token, "example.test", "a", action: .cleanup)) == .accepted)
        #expect(provider.removed.all.map(\.value) == [a])
        #expect(await solver.closeSession(token) == nil)
        #expect(Set(provider.removed.all) == Set(provider.published.all))
        #expect(try state.texts(in: "challenges").isEmpty)
    }

    @Test func `a request needs a valid token and one of the certificate's names`() async throws {
        let solver = solver(FixedPropagation(result: .visible))
        let token = try await open(solver, "a.example.test")
        for bad in [
            request("guess", "a.example.test"), request(token, "b.example.test"), request(token, "../x"),
            HookRequest(action: .auth, token: token, domain: "a.example.test", validation: "no value", remaining: 0),
        ] {
            #expect(await !solver.handle(bad).accepted)
        }
        _ = await solver.closeSession(token)
        #expect(await !solver.handle(request(token, "a.example.test")).accepted)
        #expect(provider.published.all.isEmpty)
    }

    @Test func `the first error of a challenge is the session's`() async throws {
        let server = DNSServer(address: try #require(IPAddress("192.0.2.1")))
        let solver = solver(FixedPropagation(result: .absent(atServers: [server], found: "as the test says")))
        let token = try await open(solver, "a.example.test")
        let reason =
            "after 60 s 192.0.2.1:53, as the test says, did not show the challenge at _acme-challenge.a.example.test"
        #expect(await solver.handle(request(token, "a.example.test")) == .rejected(reason))
        #expect(await solver.closeSession(token)?.reason == reason)
        #expect(provider.removed.all == provider.published.all)
    }

    @Test func `where no name server can be asked, a fixed time is waited`() async throws {
        let solver = solver(FixedPropagation(result: .unreachable))
        let token = try await open(solver, "a.example.test")
        let answer = Task { await solver.handle(request(token, "a.example.test")) }
        await clock.sleepers(1)
        clock.advance(by: .seconds(30))
        #expect(await answer.value == .accepted)
    }

    @Test func `a value is stored before it is published, and removed later from what is stored`() async throws {
        provider.refuse(publishing: .unavailable("no answer"), removing: .unavailable("no answer"))
        let first = solver(FixedPropagation(result: .visible))
        let token = try await open(first, "a.example.test")
        let reason = "the challenge cannot be published at fake: no answer"
        #expect(await first.handle(request(token, "a.example.test")) == .rejected(reason))
        #expect(await first.closeSession(token)?.reason == reason)
        #expect(try state.texts(in: "challenges").count == 1)

        provider.refuse()
        let second = solver(FixedPropagation(result: .visible))
        await second.removeLeftovers(provider.directory) { $0 == "x" }
        #expect(provider.removed.all.isEmpty, "its certbot is still at work")
        await second.removeLeftovers(provider.directory) { _ in false }
        let lost = ChallengeRecord(
            id: "",
            name: "_acme-challenge.a.example.test",
            value: String(repeating: "a", count: 43)
        )
        #expect(provider.removed.all == [lost])
        #expect(try state.texts(in: "challenges").count == 1, "its publication may still be on its way")
        await second.removeLeftovers(provider.directory) { _ in false }
        #expect(provider.removed.all == [lost, lost])
        #expect(try state.texts(in: "challenges").isEmpty)
    }

    /// A shutdown waits for it: once three seconds, however many names there are.
    @Test(.limited(minutes: 1))
    func `a provider that does not answer delays a shutdown only once`() async throws {
        let solver = solver(FixedPropagation(result: .visible))
        let names = (1...5).map { "h\($0).example.test" }
        let token = await solver.openSession(
            lineage: "x",
            names: try names.map { try DomainName($0) },
            zones: provider.directory
        ) { _ in }
        for name in names { _ = await solver.handle(request(token, name, remaining: 1)) }
        provider.hangs.withLock { $0 = clock }
        async let end = solver.closeSession(token)
        // Each removal sleeps, and each has its limit.
        await clock.sleepers(10)
        clock.advance(by: .seconds(3))
        #expect(await end == nil)
        #expect(provider.removed.all.isEmpty)
        #expect(try state.texts(in: "challenges").count == 5)
    }

    @Test func `removing leftovers leaves open sessions alone`() async throws {
        let solver = solver(FixedPropagation(result: .visible))
        let token = try await open(solver, "a.example.test")
        _ = await solver.handle(request(token, "a.example.test"))
        await solver.removeLeftovers(provider.directory) { _ in false }
        #expect(provider.removed.all.isEmpty)
        _ = await solver.closeSession(token)
        #expect(provider.removed.all.count == 1)
    }
}
