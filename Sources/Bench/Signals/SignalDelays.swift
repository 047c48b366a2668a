import Files
import FoundationEssentials
import Glibc
import Model
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

    let stand: Stand

    func measure(times: Int) async throws -> [Measure] {
        say("  one container")
        let (one, ends) = try await alone(times)
        say("  \(Self.many) containers")
        let (many, bare) = try await crowd(times)
        say("  \(Self.nodes) nodes")
        let far = try await abroad(times)
        return [
            Measure("certbot's end → signal, one container", .milliseconds, ends, .atMost(100)),
            Measure("… from the certificate's file", .milliseconds, one.map { $0 * 1000 }),
            Measure("certificate → \(Self.many) containers on a node", .seconds, many, .atMost(2)),
            Measure("… one `docker kill` for all of them", .seconds, bare),
            Measure("certificate → \(Self.nodes) nodes", .seconds, far, .atMost(6)),
        ]
    }

    /// - Returns: seconds from the certificate's file to the signal; milliseconds from certbot's end to the engine's answer.
    private func alone(_ times: Int) async throws -> ([Double], [Double]) {
        let listeners = try await Listeners.deploy("one", count: 1, mode: ["--replicas", "1"], at: stand)
        let folder = "\(stand.folder)/signals-recorded"
        let delays = try await delays(of: listeners, at: stand, ["LANDFALL_RECORD": folder], times)
        let lines = try SystemFiles().list(folder, for: .run).flatMap { name in
            try SystemFiles().read("\(folder)/\(name)", limit: 1 << 28, for: .run).split(separator: 0x0A)
        }
        let exchanges = lines.compactMap { line -> Exchange? in
            guard case .exchange(let exchange)? = try? JSONDecoder().decode(Line.self, from: Data(line)) else {
                return nil
            }
            return exchange
        }
        try await listeners.remove()
        return (delays, Self.gaps(exchanges))
    }

    /// - Returns: seconds from the certificate's file to the last signal, and from the beginning of a `docker kill`.
    private func crowd(_ times: Int) async throws -> ([Double], [Double]) {
        let mode = ["--replicas", "\(Self.many)", "--network", "host"]
        let listeners = try await Listeners.deploy("many", count: Self.many, mode: mode, at: stand)
        let delays = try await delays(of: listeners, at: stand, [:], times)
        let filter = "label=com.docker.swarm.service.name=\(listeners.name)"
        let containers = try await stand.sandbox.docker(["ps", "--quiet", "--filter", filter])
            .split(separator: "\n").map(String.init)
        var bare: [Double] = []
        for _ in 1...times {
            let before = listeners.signals
            let start = stand.clock.now
            try await stand.sandbox.docker(["kill", "--signal", "HUP"] + containers)
            bare.append((try await listeners.awaitOneMore(than: before) - start).inSeconds)
        }
        try await listeners.remove()
        return (delays, bare)
    }

    private func abroad(_ times: Int) async throws -> [Double] {
        var options = SandboxOptions()
        (options.nodes, options.nonceRejections) = (Self.nodes, 0)
        let sandbox = Sandbox.fresh()
        let environment = try await sandbox.up(options, program: stand.landfall + "-sandbox", owner: getpid())
        let there = Stand(sandbox: sandbox, environment: environment, landfall: stand.landfall, bench: stand.bench)
        let result: Result<[Double], any Error>
        do {
            try SystemFiles().makeDirectory(there.folder, mode: 0o755, for: .run)
            let listeners = try await Listeners.deploy(
                "everywhere",
                count: Self.nodes,
                mode: ["--mode", "global"],
                at: there
            )
            result = .success(try await delays(of: listeners, at: there, [:], times))
        } catch {
            result = .failure(error)
        }
        // In a task of its own, for this one may have been cancelled.
        _ = try await Task { try await sandbox.down() }.value
        return try result.get()
    }

    /// Seconds from each of some certificates' files to the last container's signal.
    private func delays(
        of listeners: Listeners,
        at stand: Stand,
        _ changes: [String: String],
        _ times: Int
    ) async throws -> [Double] {
        let folder = try stand.setting("CERTBOT_CONFIG_DIR")
        let domain = try stand.setting("DEFAULT_DOMAIN")
        return try await DaemonUnderTest.run(at: stand, changes: changes) { daemon in
            // They may be too young for the certificates of others.
            try await daemon.settle()
            var delays: [Double] = []
            for turn in 1...times {
                let host = "\(listeners.name)-\(turn)"
                let before = listeners.signals
                try await stand.sandbox.docker(
                    ["service", "create", "--detach", "--no-resolve-image", "--replicas", "0", "--name", host]
                        + ["--label", "landfall.host=\(host)", ImageRecipe.busybox.name]
                )
                let signalled = try await listeners.awaitOneMore(than: before)
                let file = "\(folder)/live/\(host).\(domain)/fullchain.pem"
                let issued = try SystemFiles().information(file, for: .run).modified
                delays.append((signalled - issued).inSeconds)
                try await stand.sandbox.docker(["service", "rm", host])
            }
            return delays
        }
    }

    /// Milliseconds from the end of a certbot to the engine's answer to the next signal.
    private static func gaps(_ exchanges: [Exchange]) -> [Double] {
        var end: Int64?
        var gaps: [Double] = []
        for exchange in exchanges.sorted(by: { $0.at + $0.took < $1.at + $1.took }) {
            switch exchange.call {
            case .process(let call) where call.arguments.contains("certonly"): end = exchange.at + exchange.took
            case .http(let call) where call.url.contains("/kill?"):
                if let start = end { gaps.append(Double(exchange.at + exchange.took - start) / 1e6) }
                end = nil
            default: break
            }
        }
        return gaps
    }
}
