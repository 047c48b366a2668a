import FoundationEssentials

/// What a storm costs: events of a file, decoded and debounced, beside Python's own reader of JSON, which does no more than
/// that.
struct Decoding {
    private static let few = 20_000
    private static let many = 200_000
    private static let python = """
        import json, sys, time
        start = time.perf_counter()
        for line in open(sys.argv[1]): json.loads(line)
        print(time.perf_counter() - start)
        """

    let fixture: BenchFixture

    func measure(times: Int) async throws -> [Measure] {
        try FileManager.default.createDirectory(atPath: fixture.folder, withIntermediateDirectories: true)
        let few = try EventFile("\(fixture.folder)/few.jsonl", lines: Self.few)
        let many = try EventFile("\(fixture.folder)/many.jsonl", lines: Self.many)
        var (ours, theirs, small, growth): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        for _ in 1...times {
            let (short, long) = (try await decode(few), try await decode(many))
            guard short.events == Self.few, long.events == Self.many else { throw BenchError("events were not read") }
            ours.append(long.seconds)
            theirs.append(try await peer(many))
            small.append(Double(short.peak) / Double(1 << 20))
            growth.append(Double(long.peak - short.peak) / Double(1 << 20))
        }
        return [
            Measure("\(Self.many) events, decoded and debounced", .milliseconds, ours.map { $0 * 1000 }),
            Measure("… by `json.loads` of python3 alone", .milliseconds, theirs.map { $0 * 1000 }),
            Measure("… times as fast", .times, zip(theirs, ours).map { $0 / $1 }, .atLeast(2)),
            Measure("resident at the most, \(Self.few) events", .megabytes, small),
            Measure("… more for \(Self.many)", .megabytes, growth, .atMost(2)),
        ]
    }

    private func decode(_ file: EventFile) async throws -> DecodingRun {
        let arguments = [fixture.bench, DecodingRun.argument, file.path]
        let output = try await fixture.output(of: arguments, environment: [:])
        return try JSONDecoder().decode(DecodingRun.self, from: Data(output.utf8))
    }

    private func peer(_ file: EventFile) async throws -> Double {
        let output = try await fixture.output(
            of: ["/usr/bin/python3", "-c", Self.python, file.path],
            environment: ["LANG": "C.UTF-8"]
        )
        guard let seconds = Double(output.dropLast()) else { throw BenchError("python3 said \(output)") }
        return seconds
    }
}
