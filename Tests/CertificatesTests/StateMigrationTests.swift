@testable import Certificates
import DNS
import Files
import Log
import Model
import State
import TestSupport
import Testing

/// The stores over a state that Landfall 0.1.0 wrote.
@Suite struct StateMigrationTests {
    private let state: StateStore
    private let now = Timestamp(seconds: 1_796_023_920)

    init() throws { state = try OldState.migrated() }

    @Test func `lineages keep their origin, and the first run is known`() throws {
        let lineages = LineageStore(state: state)
        #expect(
            lineages.load() == .known(["two.example.test": .issued, "web": .issued, "wildcard.example.test": .ordered])
        )
        #expect(lineages.hasStarted)
        #expect(try !LineageStore(state: .inMemory()).hasStarted)
    }

    @Test func `failures keep their pause`() throws {
        let failure = try #require(FailureStore(state: state, log: .silent).load().value?["wildcard.example.test"])
        #expect(failure.count == 1 && failure.names.count == 2)
        #expect(failure.retryTime(for: failure.names, now: failure.last + .seconds(1)) != nil)
    }

    @Test func `orders and limits count on`() throws {
        var settings = CertbotSettings(stateDirectory: "", hookProgram: "", socket: "")
        settings.server = "https://127.53.0.1:14000/dir"
        settings.limits = .production
        let store = RateLimitStore(settings: settings, files: SystemFiles(), state: state, log: .silent)
        let limiter = try #require(store.load(now: now).value)
        let usage = limiter.usage(now: now).map(\.description)
        #expect(usage.contains("5 of 300 orders of the account in 3 hours"), "\(usage)")
        let order = OrderRecord(
            lineage: "new",
            names: [try DomainName("new.example.test")],
            placed: now,
            isRenewal: false
        )
        #expect(limiter.hold(on: order, now: now)?.reason == "the authority says: too many certificates")
    }

    @Test func `suggestions and authorities are not asked for again`() throws {
        let store = RenewalInformationStore(state: state)
        let window = RenewalWindow(from: Timestamp(seconds: 1_800_000_000), to: Timestamp(seconds: 1_800_086_400))
        #expect(store.windows() == ["aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE": window])
        let next = Timestamp(seconds: 1_796_045_515)
        #expect(try store.suggestions.all().values.map(\.next) == [next, next])
        let urls = try store.authorities.all().mapValues(\.url)
        #expect(
            urls == [
                "https://127.53.0.1:14000/dir": nil, "https://ca.example/dir": "https://ca.example/renewal-info",
            ]
        )
    }

    @Test func `challenges that were left in DNS are known, and the latest time`() throws {
        #expect(ChallengeStore(state: state).load().map(\.record.id) == ["r17"])
        #expect(
            ClockStore(state: state).load()
                == ClockHistory(
                    latest: Timestamp(seconds: 1_796_023_910),
                    doubtedSince: Timestamp(seconds: 1_796_023_000)
                )
        )
    }
}
