import DNS
import Log
import Model
import Ports
import State
import Synchronization
import TestSupport
import Testing
import Timing
@testable import Certificates

/// Challenges whose name is an alias of another one.
@Suite struct DelegatedChallengeTests {
    private static let name = "_acme-challenge.a.example.test"
    private let provider: FakeProvider
    private let state: StateStore
    private let value = String(repeating: "a", count: 43)

    init() throws {
        provider = FakeProvider(zone: try DomainName("example.test"), others: [try DomainName("auth.test")])
        provider.taken.withLock { $0 = [Self.name] }
        state = try .inMemory()
    }

    private func solver(_ propagation: FixedPropagation) -> DNS01Solver {
        DNS01Solver(
            propagation: propagation,
            limit: .seconds(60),
            state: state,
            clock: TestClock(),
            randomness: SystemRandomness(),
            log: .silent
        )
    }

    private func request(_ token: String, _ action: HookRequest.Action = .auth) -> HookRequest {
        HookRequest(action: action, token: token, domain: "a.example.test", validation: value, remaining: 0)
    }

    private func open(_ solver: DNS01Solver) async throws -> String {
        await solver.openSession(lineage: "x", names: [try DomainName("a.example.test")], zones: provider.directory) {
            _ in
        }
    }

    @Test func `the value is published where the alias leads, and awaited where it is asked for`() async throws {
        let propagation = FixedPropagation(result: .visible, aliases: [Self.name: "_acme-challenge.a.auth.test"])
        let solver = solver(propagation)
        let token = try await open(solver)
        #expect(await solver.handle(request(token)) == .accepted)
        #expect(provider.published.all.map(\.name) == ["_acme-challenge.a.auth.test"])
        #expect(propagation.calls.all == [.init(name: Self.name, values: [value])])
        let notes = try state.texts(in: "challenges")
        #expect(notes.keys.map { $0 } == ["_acme-challenge.a.auth.test \(value)"])
        #expect(await solver.handle(request(token, .cleanup)) == .accepted)
        #expect(provider.removed.all == provider.published.all)
        #expect(try state.texts(in: "challenges").isEmpty)
        #expect(await solver.closeSession(token) == nil)
    }

    @Test func `a provider that accepts the value beside an alias gets it at the alias's target too`() async throws {
        provider.taken.withLock { $0 = [] }
        let solver = solver(FixedPropagation(result: .visible, aliases: [Self.name: "_acme-challenge.a.auth.test"]))
        let token = try await open(solver)
        #expect(await solver.handle(request(token)) == .accepted)
        #expect(provider.published.all.map(\.name) == [Self.name, "_acme-challenge.a.auth.test"])
        #expect(await solver.handle(request(token, .cleanup)) == .accepted)
        #expect(Set(provider.removed.all) == Set(provider.published.all))
        #expect(try state.texts(in: "challenges").isEmpty)
    }

    @Test func `a wildcard's alias that is still visible does no harm, and one that stays is named`() async throws {
        provider.taken.withLock { $0 = [] }
        let aliases = [Self.name: "x.elsewhere.test"]
        let good = solver(FixedPropagation(result: .visible, aliases: aliases))
        #expect(await good.handle(request(try await open(good))) == .accepted)
        let server = DNSServer(address: try #require(IPAddress("192.0.2.1")))
        let result = PropagationResult.absent(atServers: [server], found: "as the test says")
        let bad = solver(FixedPropagation(result: result, aliases: aliases))
        #expect(
            await bad.handle(request(try await open(bad)))
                == .rejected(
                    "after 60 s 192.0.2.1:53, as the test says, did not show the challenge at \(Self.name); \(Self.name) is an "
                        + "alias of x.elsewhere.test, which is in no zone that Landfall may write to, so the challenge cannot "
                        + "be answered"
                )
        )
    }

    @Test func `a wildcard's alias does no harm where nothing can be published at its target either`() async throws {
        provider.taken.withLock { $0 = ["lb.auth.test"] }
        let aliases = [Self.name: "lb.auth.test", "lb.auth.test": "lb.elsewhere.test"]
        let solver = solver(FixedPropagation(result: .visible, aliases: aliases))
        #expect(await solver.handle(request(try await open(solver))) == .accepted)
        #expect(provider.published.all.map(\.name) == [Self.name])
    }

    @Test func `an alias into no known zone is rejected, with its target`() async throws {
        let solver = solver(FixedPropagation(result: .visible, aliases: [Self.name: "x.elsewhere.test"]))
        let answer = await solver.handle(request(try await open(solver)))
        #expect(
            answer
                == .rejected(
                    "\(Self.name) is an alias of x.elsewhere.test, which is in no zone that Landfall may write to, so the "
                        + "challenge cannot be answered"
                )
        )
        #expect(provider.published.all.isEmpty)
    }

    @Test func `without an alias the provider's reason is reported`() async throws {
        let solver = solver(FixedPropagation(result: .visible))
        let answer = await solver.handle(request(try await open(solver)))
        #expect(answer == .rejected("the challenge cannot be published at fake: a CNAME record stands at the name"))
    }

    @Test func `a loop of aliases ends`() async throws {
        let other = "_acme-challenge.b.auth.test"
        provider.taken.withLock { $0 = [Self.name, other] }
        let solver = solver(FixedPropagation(result: .visible, aliases: [Self.name: other, other: Self.name]))
        let answer = await solver.handle(request(try await open(solver)))
        #expect(answer == .rejected("the aliases at \(Self.name) lead nowhere"))
    }
}
