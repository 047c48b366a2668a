import Files
import FoundationEssentials
import Glibc
import Model
import Ports
import Recording
import Sandbox
import Timing

/// How long it takes until everybody knows of a new certificate: one container, many on a node, and one on each of three
/// nodes.
struct SignalDelays {
    /// How `landfall-bench` is asked for these alone.
    static let argument = "signals"
    private static let many = 200
    private static let nodes = 3

    let fixture: BenchFixture

    /// Seconds.
    struct Delays {
        /// From the certificate's file to the last container's signal.
        var fromFile: [Double] = []
        /// From certbot's end to the engine's last answer.
        var fromEnd: [Double] = []
    }

    func measure(times: Int) async throws -> [Measure] {
        say("  one container")
        let one = try await alone(times)
        say("  \(Self.many) containers")
        let (many, bare) = try await crowd(times)
        say("  \(Self.nodes) nodes")
        let far = try await abroad(times)
        return [
            Measure(
                "certbot's end → signal, one container",
                .milliseconds,
                one.fromEnd.map { $0 * 1000 },
                .atMost(100)
            ),
            Measure("… from the certificate's file", .milliseconds, one.fromFile.map { $0 * 1000 }),
            Measure("certbot's end → \(Self.many) containers on a node", .seconds, many.fromEnd, .atMost(20)),
            Measure("… from the certificate's file", .seconds, many.fromFile),
            Measure("… one `docker kill` for all of them", .seconds, bare),
            Measure("certificate's file → \(Self.nodes) nodes", .seconds, far.fromFile, .atMost(6)),
        ]
    }

    private func alone(_ times: Int) async throws -> Delays {
        let listeners = try await Listeners.deploy("one", count: 1, mode: ["--replicas", "1"], at: fixture)
        let delays = try await delays(of: listeners, at: fixture, times)
        try await listeners.remove()
        return delays
    }

    /// - Returns: also the seconds from the beginning of a `docker kill` to the last signal.
    private func crowd(_ times: Int) async throws -> (Delays, [Double]) {
        let mode = ["--replicas", "\(Self.many)", "--network", "host"]
        let listeners = try await Listeners.deploy("many", count: Self.many, mode: mode, at: fixture)
        let delays = try await delays(of: listeners, at: fixture, times)
        let filter = "label=com.docker.swarm.service.name=\(listeners.name)"
        let containers = try await fixture.sandbox.docker(["ps", "--quiet", "--filter", filter])
            .split(separator: "\n").map(String.init)
        var bare: [Double] = []
        for _ in 1...times {
            let before = listeners.signals
            let start = fixture.clock.now
            try await fixture.sandbox.docker(["kill", "--signal", "HUP"] + containers)
            bare.append((try await listeners.awaitOneMore(than: before) - start).inSeconds)
        }
        try await listeners.remove()
        return (delays, bare)
    }

    private func abroad(_ times: Int) async throws -> Delays {
        var options = SandboxOptions()
        (options.nodes, options.nonceRejections) = (Self.nodes, 0)
        let sandbox = Sandbox.fresh()
        let environment = try await sandbox.up(options, program: fixture.landfall + "-sandbox", owner: getpid())
        let there = BenchFixture(
            sandbox: sandbox,
            environment: environment,
            landfall: fixture.landfall,
            bench: fixture.bench
        )
        let result: Result<Delays, any Error>
        do {
            try SystemFiles().makeDirectory(there.folder, mode: 0o755, for: .run)
            let listeners = try await Listeners.deploy(
                "everywhere",
                count: Self.nodes,
                mode: ["--mode", "global"],
                at: there
            )
            result = .success(try await delays(of: listeners, at: there, times))
        } catch {
            result = .failure(error)
        }
        // In a task of its own, for this one may have been cancelled.
        _ = try await Task { try await sandbox.down() }.value
        return try result.get()
    }

    private func delays(of listeners: Listeners, at fixture: BenchFixture, _ times: Int) async throws -> Delays {
        let folder = try fixture.setting("CERTBOT_CONFIG_DIR")
        let domain = try fixture.setting("DEFAULT_DOMAIN")
        let recordings = "\(fixture.folder)/\(listeners.name)-recorded"
        let files = try await DaemonUnderTest.run(at: fixture, changes: ["LANDFALL_RECORD": recordings]) { daemon in
            // They may be too young for the certificates of others.
            try await daemon.settle()
            var delays: [Double] = []
            for turn in 1...times {
                let host = "\(listeners.name)-\(turn)"
                let before = listeners.signals
                try await fixture.sandbox.docker(
                    ["service", "create", "--detach", "--no-resolve-image", "--replicas", "0", "--name", host]
                        + ["--label", "landfall.host=\(host)", ImageRecipe.busybox.name]
                )
                let signalled = try await listeners.awaitOneMore(than: before)
                let file = "\(folder)/live/\(host).\(domain)/fullchain.pem"
                let issued = try SystemFiles().information(file, for: .run).modified
                delays.append((signalled - issued).inSeconds)
                try await fixture.sandbox.docker(["service", "rm", host])
            }
            return delays
        }
        return Delays(fromFile: files, fromEnd: Self.gaps(try Self.exchanges(in: recordings)))
    }

    private static func exchanges(in folder: String) throws -> [Exchange] {
        try SystemFiles().list(folder, for: .run)
            .flatMap { try RecordedSession.all(in: InputFile("\(folder)/\($0)")) }
            .flatMap(\.exchanges)
    }

    /// From the end of each certbot to the engine's answer to the last signal before the next one's.
    private static func gaps(_ exchanges: [Exchange]) -> [Double] {
        var gaps: [Double] = []
        var end: Int64?
        var isNew = false
        for exchange in exchanges.sorted(by: { $0.at + $0.took < $1.at + $1.took }) {
            let time = exchange.at + exchange.took
            if exchange.port == "process", exchange.request.contains(" certonly ") {
                (end, isNew) = (time, true)
            } else if exchange.port == "http", exchange.request.contains("/kill?") {
                guard let end else { continue }
                if !isNew { gaps.removeLast() }
                gaps.append(Double(time - end) / 1e9)
                isNew = false
            }
        }
        return gaps
    }
}
