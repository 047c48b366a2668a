import DNS
import Emulators
import HTTPServer
import Model
import Ports
import Records
import Report
import TestSupport
import Testing
import Transport

/// Whole runs against an API that has its bad moments: nothing is lost, nothing goes round in circles, the next run
/// repairs.
@Suite struct CloudflareTroubleTests {
    /// A stale record, a new name and one that is right, in each of two zones.
    private struct RandomZone {
        static let address = "85.214.132.117"

        let emulator: CloudflareEmulator
        let clock = TestClock()
        private let server: HTTPServer
        private let provider: CloudflareProvider
        private let hosts: [DesiredHost]

        init() throws {
            let zones = ["one.test", "two.test"]
            emulator = CloudflareEmulator(zones: zones, credentials: [.token(Secret("good-token"))])
            server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), handler: emulator.handler)
            provider = CloudflareProvider(
                .token(Secret("good-token")),
                url: "http://127.0.0.1:\(server.port)\(CloudflareEmulator.basePath)",
                transport: CurlTransport(.init(userAgent: "landfall-tests")),
                clock: clock
            )
            var hosts: [DesiredHost] = []
            for zone in zones {
                for (name, content) in [("stale", "85.214.1.1"), ("right", Self.address), ("foreign", "85.214.1.9")] {
                    try emulator.put(
                        RecordDraft(
                            name: name,
                            type: "A",
                            content: content,
                            proxied: true,
                            comment: "landfall:default"
                        ),
                        in: zone
                    )
                }
                for name in ["stale", "new", "newer", "right"] {
                    let origin = Origin(kind: .service, id: "\(name).\(zone)", name: name)
                    hosts.append(DesiredHost(name: try DomainName("\(name).\(zone)"), origin: origin))
                }
            }
            self.hosts = hosts
        }

        func run() async throws -> [Outcome] {
            let address = try #require(IPAddress(Self.address))
            let stage = RecordStage(policy: RecordPolicy(instance: "default", defaultProxied: true, mode: .upsert))
            let zones = await ZoneDirectory.read(from: [provider], allowed: nil)
            let addresses = PublicAddresses(v4: .known(address), v6: nil)
            let plan = await stage.plan(DesiredState(hosts, addresses: addresses), zones: zones)
            let outcomes = await stage.apply(plan) { _ in }.map(\.outcome)
            withExtendedLifetime(server) {}
            return outcomes
        }

        var isTrue: Bool {
            ["one.test", "two.test"].allSatisfy { zone in
                emulator.records(in: zone).map { "\($0.name.prefix { $0 != "." }) \($0.content)" }.sorted()
                    == ["foreign 85.214.1.9"] + ["new", "newer", "right", "stale"].map { "\($0) \(Self.address)" }
            }
        }

        /// Everything that stood is there, with its own content or the one that it shall have.
        var hasLostNothing: Bool {
            ["one.test", "two.test"].allSatisfy { zone in
                let standing = emulator.records(in: zone).map(\.name)
                return Set(standing).count == standing.count
                    && ["stale", "right", "foreign"].allSatisfy { standing.contains("\($0).\(zone)") }
            }
        }
    }

    /// The zones, the records of each, a transaction for each, and one more than a run makes.
    private static let calls = 6

    @Test(arguments: 0..<calls)
    func `a 429 at any call ends the run, and the next one repairs`(call: Int) async throws {
        let world = try RandomZone()
        world.emulator.faults.add(
            Fault(.error(status: 429, code: 971, message: "x", retryAfter: 300), after: call, times: 1)
        )
        _ = try await world.run()
        world.emulator.faults.clear()
        let calls = world.emulator.log.requests.count
        #expect(calls < Self.calls)
        #expect(world.hasLostNothing)
        if world.emulator.log.requests.contains(where: { $0.status == 429 }) {
            // Five minutes of silence: a run that comes too early asks nothing at all.
            let early = try await world.run()
            #expect(early.contains { $0.word == "failed" })
            #expect(world.emulator.log.requests.count == calls)
            world.clock.advance(by: .seconds(300))
        }
        let outcomes = try await world.run()
        #expect(outcomes.allSatisfy { $0.word == "changed" || $0 == .unchanged })
        #expect(world.isTrue)
    }

    @Test func `an API that is over its limit for long is asked once, whatever runs`() async throws {
        let world = try RandomZone()
        world.emulator.settings.rate = CloudflareRate(requests: 0, seconds: 300)
        for _ in 0..<5 {
            let outcomes = try await world.run()
            #expect(outcomes.allSatisfy { $0.word == "failed" })
        }
        #expect(world.emulator.log.requests.count == 1)
        world.emulator.settings.rate = CloudflareRate()
        world.clock.advance(by: .seconds(300))
        _ = try await world.run()
        #expect(world.isTrue)
    }

    @Test(arguments: [
        Fault.Effect.page(.short(by: 1)), .page(.totals(count: 2, pages: 1)), .page(.totals(count: 9, pages: 1)),
        .truncated, .captivePortal, .redirect(to: "http://127.0.0.1:1/"), .text(""), .text("null"),
        .text(#"{"success":true,"errors":[],"result":[]}"#),
        .error(status: 200, code: 1, message: "x"), .error(status: 400, code: 7003, message: "x"),
        .error(status: 503, code: 1, message: "x", retryAfter: 60),
    ])
    func `records that could not be read are not written`(effect: Fault.Effect) async throws {
        let world = try RandomZone()
        world.emulator.faults.add(Fault(effect, method: "GET", path: "dns_records"))
        let outcomes = try await world.run()
        #expect(outcomes.allSatisfy { $0.word == "failed" })
        #expect(world.emulator.log.requests.allSatisfy { $0.method == "GET" })
        world.emulator.faults.clear()
        world.clock.advance(by: .seconds(60))
        _ = try await world.run()
        #expect(world.isTrue)
    }

    @Test(arguments: [
        Fault.Effect.lostAnswer, .truncated, .html(status: 500), .captivePortal,
        .error(status: 503, code: 1, message: "x", retryAfter: 60), .error(status: 400, code: 1004, message: "x"),
        .error(status: 403, code: 10000, message: "x"),
    ])
    func `a write that got no proper answer is not lost and not made twice`(effect: Fault.Effect) async throws {
        for write in 0..<2 {
            let world = try RandomZone()
            world.emulator.faults.add(Fault(effect, method: "POST", after: write, times: 1))
            _ = try await world.run()
            #expect(world.emulator.faults.all.isEmpty)
            #expect(world.hasLostNothing)
            world.clock.advance(by: .seconds(60))
            _ = try await world.run()
            #expect(world.isTrue)
        }
    }
}
