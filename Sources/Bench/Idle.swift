import Model
import Timing

/// What a daemon costs that has nothing to do.
struct Idle {
    private static let span = Duration.seconds(25)

    let stand: Stand
    let daemon: DaemonUnderTest

    func measure(after what: String) async throws -> [Measure] {
        let before = try ProcessFigures(of: daemon.pid)
        let start = stand.clock.uptime
        try await stand.clock.sleep(for: Self.span)
        let after = try ProcessFigures(of: daemon.pid)
        let seconds = (stand.clock.uptime - start).inSeconds
        return [
            Measure("idle after \(what): resident", .megabytes, [Self.megabytes(after.resident)], .atMost(20)),
            Measure("… resident at the most until then", .megabytes, [Self.megabytes(after.peak)]),
            Measure("… proportional (Pss)", .megabytes, [Self.megabytes(after.proportional)]),
            Measure("… anonymous", .megabytes, [Self.megabytes(after.anonymous)]),
            Measure("… threads", .count, [Double(after.threads)]),
            Measure("… CPU", .ticksPerSecond, [Double(after.ticks - before.ticks) / seconds], .atMost(1)),
        ]
    }

    private static func megabytes(_ bytes: Int) -> Double { Double(bytes) / Double(1 << 20) }
}
