import Model
import Ports
import Sandbox
import Timing

/// Three services at once, from `docker service create` to the signal in the proxy's container, each time beside one bare
/// certbot.
struct Burst {
    static let size = 3
    private static let quiet = 2.0

    let fixture: BenchFixture
    let daemon: DaemonUnderTest
    let proxy: Proxy
    let certbot: BareCertbot

    struct Result {
        let bare: Double
        let runs: Int
        let signals: Int
        /// From the return of the last `service create`, the quiet period included.
        let toSignal: Double
    }

    func measure(times: Int) async throws -> [Measure] {
        var results: [Result] = []
        for turn in 1...times {
            results.append(try await once(turn))
            say("  burst \(turn) of \(times)")
        }
        return [
            Measure("one bare `certbot certonly`", .seconds, results.map(\.bare)),
            Measure("burst of \(Self.size): last create → signal", .seconds, results.map(\.toSignal)),
            Measure("the same without the quiet period", .seconds, results.map { $0.toSignal - Self.quiet }),
            Measure("… in bare certbots", .times, results.map { ($0.toSignal - Self.quiet) / $0.bare }, .atMost(3)),
            Measure("runs for it", .count, results.map { Double($0.runs) }, .exactly(1)),
            Measure("signals for it", .count, results.map { Double($0.signals) }, .exactly(1)),
        ]
    }

    private func once(_ turn: Int) async throws -> Result {
        let bare = try await certbot.order("bare-\(turn).\(try fixture.setting("DEFAULT_DOMAIN"))").inSeconds
        let (runsBefore, signalsBefore) = (try daemon.runs.count, proxy.signals)
        let names = (1...Self.size).map { "burst-\(turn)-\($0)" }
        for name in names { try await create(name) }
        let created = fixture.clock.now
        try await fixture.wait(for: "the signal") { proxy.signals > signalsBefore }
        let signalled = try proxy.last
        try await daemon.settle()
        let runs = try daemon.runs.dropFirst(runsBefore)
        guard runs.allSatisfy(\.isClean) else { throw BenchError("a run of burst \(turn) failed") }
        let result = Result(
            bare: bare,
            runs: runs.count,
            signals: proxy.signals - signalsBefore,
            toSignal: (signalled - created).inSeconds
        )
        try await fixture.sandbox.docker(["service", "rm"] + names)
        try await daemon.settle()
        return result
    }

    private func create(_ name: String) async throws {
        try await fixture.sandbox.docker(
            ["service", "create", "--detach", "--no-resolve-image", "--name", name, "--label", "landfall.host=\(name)"]
                + [ImageRecipe.busybox.name, "sleep", "86400"]
        )
    }
}
