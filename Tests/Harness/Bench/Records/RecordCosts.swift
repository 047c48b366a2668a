import Emulators
import Files
import FoundationEssentials
import Model
import Ports
import Processes
import Transport

/// What the records cost where there are many.
struct RecordCosts {
    private static let wide = ManyZones(zones: 50, hostsPerZone: 200)
    private static let far = ManyZones(zones: 20, hostsPerZone: 50)
    private static let long = ManyZones(zones: 1, hostsPerZone: 1000)
    private static let latency = Duration.milliseconds(100)

    let fixture: BenchFixture

    func measure(times: Int) async throws -> [Measure] {
        try await reading(times) + distance(times) + moving(times)
    }

    private func reading(_ times: Int) async throws -> [Measure] {
        try await at(Self.wide) { emulated in
            let runs = try await emulated.runs(times) { _ in ManyZones.address }
            let name = "\(Self.wide.zones * Self.wide.hostsPerZone) hosts in \(Self.wide.zones) zones, unchanged"
            return [
                Measure("\(name): CPU", .seconds, runs.map(\.run.processorSeconds), .atMost(1)),
                Measure("… resident at the most", .megabytes, runs.map(\.run.megabytes), .atMost(60)),
                Measure("… API calls", .count, runs.map { Double($0.reads) }, .exactly(Double(1 + Self.wide.zones))),
                Measure("… time", .milliseconds, runs.map { $0.run.seconds * 1000 }),
            ]
        }
    }

    private func distance(_ times: Int) async throws -> [Measure] {
        try await at(Self.far) { emulated in
            try await emulated.client.set(CloudflareSettings(latency: Self.latency))
            let runs = try await emulated.runs(times) { _ in ManyZones.address }
            let name = "\(Self.far.zones) zones, unchanged, \(Self.latency.milliseconds) ms a call"
            return [Measure(name, .seconds, runs.map(\.run.seconds), .atMost(0.6))]
        }
    }

    private func moving(_ times: Int) async throws -> [Measure] {
        try await at(Self.long) { emulated in
            let runs = try await emulated.runs(times) { "85.214.132.\($0)" }
            guard runs.allSatisfy({ $0.run.changed == Self.long.hostsPerZone }) else {
                throw BenchError("a change of address did not reach all hosts")
            }
            return [
                Measure(
                    "\(Self.long.hostsPerZone) hosts move in one zone: writes",
                    .count,
                    runs.map { Double($0.writes) },
                    .atMost(6)
                ),
                Measure("… time", .milliseconds, runs.map { $0.run.seconds * 1000 }),
            ]
        }
    }

    /// Has such a world for as long as `body` takes.
    private func at<Value: Sendable>(
        _ world: ManyZones,
        _ body: @escaping @Sendable (Emulated) async throws -> Value
    ) async throws -> Value {
        try SystemFiles().makeDirectory(fixture.folder, mode: 0o755, for: .run)
        let path = "\(fixture.folder)/emulated.json"
        try SystemFiles().write([], to: path, mode: 0o600, for: .run)
        let arguments = [fixture.bench, ManyZones.argument, "\(world.zones)", "\(world.hostsPerZone)", path]
        let request = ProcessRequest(arguments, environment: [:], timeLimit: .seconds(3600))
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                let result = try await fixture.runner.run(request, for: .run)
                guard result.end != .cancelled else { return nil }
                throw BenchError("the emulator ended: \(result.end) \(sanitized(result.errorText))")
            }
            group.addTask {
                try await fixture.wait(for: "the emulator") {
                    try !SystemFiles().read(path, limit: 4096, for: .run).isEmpty
                }
                let text = try SystemFiles().read(path, limit: 4096, for: .run)
                let urls = try JSONDecoder().decode(EmulatorURLs.self, from: Data(text))
                let transport = CurlTransport(.init(userAgent: "landfall-bench"))
                let client = EmulatorClient(transport, control: urls.control)
                let value = try await body(
                    Emulated(fixture: fixture, world: world, url: urls.cloudflare, client: client)
                )
                return value
            }
            guard let first = try await group.next(), let value = first else { throw CancellationError() }
            group.cancelAll()
            _ = try await group.next()
            return value
        }
    }
}

/// A world of many zones in another process.
private struct Emulated: Sendable {
    struct Run {
        let run: RecordsRun
        let reads: Int
        let writes: Int
    }

    let fixture: BenchFixture
    let world: ManyZones
    let url: String
    let client: EmulatorClient

    /// - Parameter address: what it is in the n-th run.
    func runs(_ times: Int, _ address: (Int) -> String) async throws -> [Run] {
        var runs: [Run] = []
        for turn in 1...times { runs.append(try await run(address(turn))) }
        return runs
    }

    private func run(_ address: String) async throws -> Run {
        try await client.clearRequests(of: .cloudflare)
        let output = try await fixture.output(
            of: [fixture.bench, RecordsRun.argument, "\(world.zones)", "\(world.hostsPerZone)", url, address],
            environment: [:]
        )
        let requests = try await client.requests(of: .cloudflare)
        let reads = requests.count { $0.method == "GET" }
        return Run(
            run: try JSONDecoder().decode(RecordsRun.self, from: Data(output.utf8)),
            reads: reads,
            writes: requests.count - reads
        )
    }
}

extension RecordsRun {
    fileprivate var megabytes: Double { Double(peak) / Double(1 << 20) }
}
