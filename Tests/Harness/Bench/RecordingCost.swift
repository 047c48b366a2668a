import Sandbox

/// What it costs a run to be recorded: the same runs with and without, in turns, for a machine has moods.
struct RecordingCost {
    private static let turns = 4
    private static let runsPerTurn = 10

    let fixture: BenchFixture

    func measure(hosts: Int) async throws -> [Measure] {
        var (plain, recorded): ([Double], [Double]) = ([], [])
        for _ in 1...Self.turns {
            plain += try await runs([:])
            recorded += try await runs(["LANDFALL_RECORD": "\(fixture.folder)/recordings"])
        }
        let without = Measure("run without changes, \(hosts) hosts, not recorded", .milliseconds, plain)
        let with = Measure("the same, recorded", .milliseconds, recorded)
        return [
            without, with, Measure("recorded : not recorded", .times, [with.median / without.median], .atMost(1.05)),
        ]
    }

    private func runs(_ changes: [String: String]) async throws -> [Double] {
        let fixture = self.fixture
        return try await DaemonUnderTest.run(at: fixture, changes: changes) { daemon in
            try await daemon.awaitRuns(1)
            for _ in 1...Self.runsPerTurn {
                try await fixture.time([fixture.landfall, "once"], environment: fixture.environment.values)
            }
            return try daemon.runs.dropFirst().map { $0.duration * 1000 }
        }
    }
}
