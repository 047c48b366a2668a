import Model
import Ports
import Timing

/// What a daemon costs that has nothing to do.
struct Idle {
    private static let span = Duration.seconds(5)
    private static let times = 5

    let fixture: BenchFixture
    let daemon: DaemonUnderTest

    func measure(after what: String) async throws -> [Measure] {
        var figures = [try ProcessFigures(of: daemon.pid)]
        let start = fixture.clock.uptime
        for _ in 1...Self.times {
            try await fixture.clock.sleep(for: Self.span)
            figures.append(try ProcessFigures(of: daemon.pid))
        }
        let seconds = (fixture.clock.uptime - start).inSeconds
        let ticks = figures[Self.times].ticks - figures[0].ticks
        figures.removeFirst()
        return [
            Self.memory("idle after \(what): resident", figures.map(\.resident), .atMost(20)),
            Self.memory("… resident at the most until then", figures.map(\.peak)),
            Self.memory("… proportional (Pss)", figures.map(\.proportional)),
            Self.memory("… anonymous", figures.map(\.anonymous)),
            Measure("… threads", .count, figures.map { Double($0.threads) }),
            Measure("… CPU in \(Int(seconds)) s", .ticksPerSecond, [Double(ticks) / seconds], .atMost(1)),
        ]
    }

    private static func memory(_ name: String, _ bytes: [Int], _ target: Measure.Target? = nil) -> Measure {
        Measure(name, .megabytes, bytes.map { Double($0) / Double(1 << 20) }, target)
    }
}
