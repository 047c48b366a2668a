import Sandbox
import Timing

/// From the start of `docker service create`, with Traefik's labels, to the name that resolves.
struct SourceDelay {
    /// How `landfall-bench` is asked for it, and for what it costs to read such labels.
    static let argument = "sources"
    private static let quiet = 2.0

    let fixture: BenchFixture

    func measure(times: Int) async throws -> [Measure] {
        let zone = try fixture.setting("DEFAULT_DOMAIN")
        let changes = ["LANDFALL_SOURCES": "traefik", "LANDFALL_SOURCE_ACCEPT": "yes", "LANDFALL_CERTIFICATES": "off"]
        let delays = try await DaemonUnderTest.run(at: fixture, changes: changes) { daemon in
            try await daemon.awaitRuns(1)
            try await daemon.settle()
            var delays: [Double] = []
            for turn in 1...times {
                let (name, start) = ("source-\(turn)", fixture.clock.uptime)
                try await create(name, host: "\(name).\(zone)")
                while try await fixture.sandbox.lookUp("\(name).\(zone)", "A").isEmpty {
                    guard fixture.clock.uptime - start < .seconds(60) else {
                        throw BenchError("\(name) does not resolve")
                    }
                    try await fixture.clock.sleep(for: .milliseconds(5))
                }
                delays.append((fixture.clock.uptime - start).inSeconds)
                try await fixture.sandbox.docker(["service", "rm", name])
                try await daemon.settle()
            }
            return delays
        }
        return [Measure("service with Traefik's labels → its name resolves", .seconds, delays, .atMost(Self.quiet + 1))]
    }

    private func create(_ name: String, host: String) async throws {
        try await fixture.sandbox.docker(
            ["service", "create", "--detach", "--no-resolve-image", "--name", name]
                + ["--label", "traefik.http.routers.\(name).rule=Host(`\(host)`)"]
                + ["--label", "traefik.http.services.\(name).loadbalancer.server.port=80"]
                + [ImageRecipe.busybox.name, "sleep", "86400"]
        )
    }
}
