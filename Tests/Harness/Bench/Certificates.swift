import Files
import Model
import Ports
import Sandbox

/// Ten new names of one service, for as long as their run takes – the quiet period before it aside –, each time beside one bare
/// certbot.
struct Certificates {
    static let size = 10

    let fixture: BenchFixture
    let daemon: DaemonUnderTest
    let certbot: BareCertbot

    private struct Result {
        let bare: Double
        let toLast: Double
    }

    func measure(times: Int) async throws -> [Measure] {
        var results: [Result] = []
        for turn in 1...times {
            results.append(try await once(turn))
            say("  \(Self.size) certificates, \(turn) of \(times)")
        }
        return [
            Measure("one bare `certbot certonly`, beside these", .seconds, results.map(\.bare)),
            Measure("\(Self.size) new names, without the quiet period", .seconds, results.map(\.toLast)),
            Measure("… in bare certbots", .times, results.map { $0.toLast / $0.bare }, .atMost(2.5)),
        ]
    }

    private func once(_ turn: Int) async throws -> Result {
        let domain = try fixture.setting("DEFAULT_DOMAIN")
        let bare = try await certbot.order("bare-ten-\(turn).\(domain)").inSeconds
        let runsBefore = try daemon.runs.count
        let names = (1...Self.size).map { "ten-\(turn)-\($0)" }
        let service = "ten-\(turn)"
        try await fixture.sandbox.docker(
            ["service", "create", "--detach", "--no-resolve-image", "--replicas", "0", "--name", service]
                + ["--label", "landfall.host=\(names.joined(separator: ","))", ImageRecipe.busybox.name]
        )
        // The run's own time: from its first step, after the quiet period, to its last, the certificates among them.
        try await daemon.awaitRuns(runsBefore + 1)
        try await daemon.settle()
        let live = "\(try fixture.setting("CERTBOT_CONFIG_DIR"))/live"
        let present = Set(try SystemFiles().list(live, for: .run))
        guard names.allSatisfy({ present.contains("\($0).\(domain)") }) else {
            throw BenchError("not all certificates of turn \(turn) are there")
        }
        let runs = try daemon.runs.dropFirst(runsBefore)
        try await fixture.sandbox.docker(["service", "rm", service])
        try await daemon.settle()
        return Result(bare: bare, toLast: runs.map(\.duration).max() ?? .nan)
    }
}
