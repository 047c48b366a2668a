/// What it takes to live through a recorded day again.
struct Replaying {
    private static let scenario = "fifty-hosts"

    let stand: BenchFixture

    func measure(times: Int) async throws -> [Measure] {
        let day = try RecordedDay("\(stand.folder)/day.ndjson", from: Self.scenario)
        var durations: [Double] = []
        for _ in 1...times {
            let arguments = [stand.landfall, "replay", day.path]
            durations.append(try await stand.time(arguments, environment: ["LANG": "C.UTF-8"]).inSeconds)
        }
        return [Measure("replay of a day: 50 hosts, \(day.runs) runs", .seconds, durations, .atMost(10))]
    }
}
