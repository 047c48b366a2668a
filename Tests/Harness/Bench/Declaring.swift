import Declarations
import FoundationEssentials
import Glibc
import Ports
import Report
import Timing

/// What it costs to read what proxies are told: the rules of many services, in a process of its own, whose memory is told as well.
struct Declaring: Codable {
    /// How `landfall-bench` is asked for it: with a number of rules after this.
    static let argument = "declare"
    private static let (few, many) = (50, 5_000)

    private(set) var seconds = 0.0
    private(set) var hosts = 0
    /// Bytes: the most that was ever resident.
    private(set) var peak = 0

    static func measure(_ fixture: BenchFixture, times: Int) async throws -> [Measure] {
        var (milliseconds, growth): ([Double], [Double]) = ([], [])
        for _ in 1...times {
            let (short, long) = (try await run(fixture, few), try await run(fixture, many))
            guard long.hosts == many * 2 else { throw BenchError("\(long.hosts) hosts of \(many) rules were read") }
            milliseconds.append(long.seconds * 1000)
            growth.append(Double(long.peak - short.peak) / Double(1 << 20))
        }
        return [
            Measure("\(many) rules of Traefik, read", .milliseconds, milliseconds, .atMost(50)),
            Measure("… memory more than for \(few)", .megabytes, growth, .atMost(4)),
        ]
    }

    private static func run(_ fixture: BenchFixture, _ rules: Int) async throws -> Declaring {
        let output = try await fixture.output(of: [fixture.bench, argument, "\(rules)"], environment: [:])
        return try JSONDecoder().decode(Declaring.self, from: Data(output.utf8))
    }

    /// - Parameter rules: one a service. What the services themselves take is the engine's list, which is there anyway.
    static func measure(rules: Int) throws -> Declaring {
        let objects = (0..<rules).map { place in
            DeclaringObject(
                kind: .service,
                name: "web-\(place)",
                labels: [
                    "traefik.enable": "true",
                    "traefik.http.routers.web-\(place).rule":
                        "(Host(`a\(place).example.org`) || Host(`b\(place).example.org`)) && PathPrefix(`/`)",
                    "traefik.http.routers.web-\(place).entrypoints": "websecure",
                    "traefik.http.routers.web-\(place).tls.certresolver": "le",
                    "traefik.http.services.web-\(place).loadbalancer.server.port": "80",
                ]
            )
        }
        var result = Declaring()
        let source = TraefikSource()
        let before = try ProcessFigures(of: Int(getpid())).peak
        let clock = SystemClock()
        let start = clock.uptime
        result.hosts = source.read(objects, []).hosts.count
        result.seconds = (clock.uptime - start).inSeconds
        result.peak = try ProcessFigures(of: Int(getpid())).peak - before
        return result
    }
}
