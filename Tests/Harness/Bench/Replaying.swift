/// What it takes to live through a recorded day again.
struct Replaying {
    private static let scenario = "fifty-hosts"

    let fixture: BenchFixture

    func measure(times: Int) async throws -> [Measure] {
        let day = try RecordedDay("\(fixture.folder)/day.ndjson", from: Self.scenario)
        var durations: [Double] = []
        for _ in 1...times {
            let arguments = [fixture.landfall, "replay", day.path]
            durations.append(try await fixture.time(arguments, environment: ["LANG": "C.UTF-8"]).inSeconds)
        }
        return [Measure("replay of a day: 50 hosts, \(day.runs) runs", .seconds, durations, .atMost(10))]
    }
}
