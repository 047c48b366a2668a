import HTTPServer
import Model
import Ports
import Report
import Status
import Timing
import Transport

/// What it costs to look at many hosts: the page, and the status that it draws.
struct StatusCost {
    private static let hosts = 500

    private let clock = SystemClock()
    private let transport = CurlTransport(.init(userAgent: "landfall-bench"))

    func measure(times: Int) async throws -> [Measure] {
        let daemon = DaemonStatus(
            version: "bench",
            instance: "default",
            started: clock.now,
            isDryRun: false,
            switchedOff: []
        )
        let board = StatusHub(daemon, store: nil, clock: clock)
        board.sessionBegan(StatusHub.Sources())
        let routes = RouteTable(StatusRoutes(board).routes)
        let server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0)) { await routes.answer($0) }
        defer { server.stop() }
        let base = "http://127.0.0.1:\(server.port)"
        let report = try report()
        var (changed, again, scrapes): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0...times {
            board.began(RunCause(Trigger(.timer)), at: clock.uptime)
            board.ended(report, at: clock.uptime)
            changed.append(try await time(base, ["/", "/api/status"]))
            again.append(try await time(base, ["/", "/api/status"]))
            scrapes.append(try await time(base, ["/metrics"]))
        }
        // The first of each also makes connections and touches memory for the first time.
        return [
            Measure(
                "status page of \(Self.hosts) hosts, after a run",
                .milliseconds,
                changed.dropFirst() + [],
                .atMost(20)
            ),
            Measure("… once more", .milliseconds, again.dropFirst() + [], .atMost(20)),
            Measure("metrics of \(Self.hosts) hosts", .milliseconds, scrapes.dropFirst() + []),
        ]
    }

    private func time(_ base: String, _ paths: [String]) async throws -> Double {
        let start = clock.uptime
        for path in paths {
            let answer = try await transport.send(HTTPRequest(.get, base + path), for: .run)
            guard answer.status == 200 else { throw BenchError("\(path) answered \(answer.status)") }
        }
        return (clock.uptime - start).inMilliseconds
    }

    private func report() throws -> Report {
        let names = try (1...Self.hosts).map { try DomainName("host-\($0).apps.example.org") }
        return Report(
            cause: RunCause(Trigger(.timer)),
            started: clock.now,
            duration: .seconds(1),
            hosts: names.map { name in
                HostReport(
                    name: name,
                    origins: [Origin(kind: .service, id: name.text, name: "stack_\(name.labels[0])")],
                    record: RecordState(outcome: .unchanged, current: "A 198.51.100.7")
                )
            },
            certificates: names.map { name in
                CertificateReport(
                    lineage: name.text,
                    hosts: [name],
                    outcome: .unchanged,
                    fingerprint: Fingerprint(hex: String(repeating: "ab", count: 32)),
                    notBefore: clock.now - .seconds(86_400),
                    notAfter: clock.now + .seconds(86_400 * 60)
                )
            }
        )
    }
}
