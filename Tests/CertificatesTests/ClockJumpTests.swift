import Certificates
import DNS
import Emulators
import HTTPServer
import Model
import Ports
import State
import TestSupport
import Testing
import Timing
import Transport

/// A clock that shows a time long after the last run: it was set wrong, or Landfall did not run for so long.
@Suite struct ClockJumpTests {
    private let scratch: Scratch
    private let authority = RenewalInfoEmulator()
    private let server: HTTPServer
    private let state: StateStore
    /// The authority's answers have the date of this machine, which therefore is the right one.
    private let today = SystemClock().now
    private let zones: ZoneDirectory

    init() throws {
        scratch = try Scratch()
        server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), handler: authority.handler)
        state = try .inMemory()
        let zone = Zone(name: try DomainName("example.test"), id: "1")
        zones = ZoneDirectory(entries: [.init(zone: zone, provider: SilentProvider())])
    }

    private var latest: StateStore.Namespace<Int64> { StateStore.Namespace("clock", in: state) }

    private func stage(at now: Timestamp) -> CertificateStage {
        .withoutCertbot(
            in: scratch,
            state: state,
            clock: TestClock(now: now),
            transport: PatientTransport(CurlTransport(.init(userAgent: "landfall-tests")))
        ) { [server] settings in
            settings.server = "http://127.0.0.1:\(server.port)\(RenewalInfoEmulator.directoryPath)"
        }
    }

    private func plan(at now: Timestamp, lastRun: Timestamp) async throws -> CertificatePlan {
        try latest.save(lastRun.seconds, for: "latest")
        let host = DesiredHost(
            name: try DomainName("a.example.test"),
            origin: Origin(kind: .service, id: "1", name: "web")
        )
        let plan = await stage(at: now).plan([host], zones: zones)
        _ = await stage(at: now).apply(plan, zones: zones) { _ in }
        return plan
    }

    @Test func `what is due only because the clock jumped is not ordered, and the time is not remembered`() async throws
    {
        let future = today + .seconds(200 * 86_400)
        let plan = try await plan(at: future, lastRun: today)
        let reason =
            "this machine's clock says \(future.day), but the authority's says \(today.day): set this machine's clock"
        #expect(plan.steps.map(\.action) == [.refuse(reason)])
        #expect(try latest.load("latest") == today.seconds)
    }

    @Test func `after a long pause the authority confirms the time, and is asked only once`() async throws {
        let plan = try await plan(at: today, lastRun: today - .seconds(30 * 86_400))
        #expect(plan.steps.map(\.action) == [.issue("there is no certificate yet")])
        #expect(authority.log.requests.count == 1)
        #expect(try latest.load("latest") == today.seconds)
    }

    @Test func `within a day no authority is asked`() async throws {
        let plan = try await plan(at: today, lastRun: today - .seconds(80_000))
        #expect(plan.steps.map(\.action) == [.issue("there is no certificate yet")])
        #expect(authority.log.requests.isEmpty)
    }

    @Test func `without an answer nothing is ordered`() async throws {
        server.stop()
        let plan = try await plan(at: today, lastRun: today - .seconds(30 * 86_400))
        guard case .refuse(let reason) = plan.steps.first?.action else {
            Issue.record("\(plan.steps.map(\.action))")
            return
        }
        #expect(reason.contains("and the authority, which knows the time, cannot be asked: "), "\(reason)")
    }
}
