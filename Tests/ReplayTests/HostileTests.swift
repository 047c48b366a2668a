import Model
import Ports
import TestSupport
import Testing

/// Recordings that somebody made to harm who replays them.
@Suite(.limited(minutes: 10)) struct HostileTests {
    private static let scenario = Scenario("removal")

    /// Replays the lines in a process of its own, and returns how it ended and what it printed.
    private func replay(_ lines: [String], _ arguments: [String] = []) async throws -> ProcessResult {
        try await withFile(lines.joined(separator: "\n") + "\n") { path in
            try await ReplayProgram.run(arguments + [path])
        }
    }

    /// The scenario with the number behind `key` replaced in the first line that has it and begins with `kind`.
    private func changed(_ kind: String, _ key: String, to number: String) throws -> (lines: [String], place: Int) {
        var lines = try Self.scenario.lines
        let place = try #require(lines.firstIndex { $0.hasPrefix(#"{"\#(kind)":"#) && $0.contains("\"\(key)\":") })
        let line = lines[place]
        let start = try #require(line.firstRange(of: "\"\(key)\":")?.upperBound)
        let end = line[start...].firstIndex { !$0.isNumber } ?? line.endIndex
        lines[place] = "\(line[..<start])\(number)\(line[end...])"
        return (lines, place)
    }

    @Test(arguments: [
        ("exchange", "at"), ("exchange", "took"), ("stream", "at"), ("arrival", "at"), ("decision", "at"),
        ("decision", "waited"),
    ])
    func `a time that is not within ten years is rejected where its line is decoded`(kind: String, key: String)
        async throws
    {
        for number in ["-1", "-9223372036854775808", "9223372036854775807", "316300000000000000"] {
            let (lines, place) = try changed(kind, key, to: number)
            for arguments in [[], ["--diagram", "mermaid"]] {
                let result = try await replay(lines, arguments)
                #expect(result.end == .exited(2), "\(number): \(result.errorText)")
                #expect(result.errorText.contains("line \(place + 1) has a time that is not from 0 to 10 years"))
            }
        }
    }

    @Test(arguments: ["clock", "gap"]) func `so is the time of a changed clock or of a gap`(kind: String) async throws {
        let content = kind == "clock" ? #""by":1"# : #""reason":"none""#
        let line = #"{"\#(kind)":{"at":9223372036854775807,\#(content)}}"#
        let result = try await replay(Self.scenario.lines + [line])
        #expect(result.end == .exited(2))
        #expect(result.errorText.contains("has a time that is not from 0 to 10 years"), "\(result.errorText)")
    }

    @Test func `a run that ended before it began is replayed and drawn`() async throws {
        let (lines, _) = try changed("decision", "at", to: "44227772")
        let swapped = lines.map { $0.replacing(#"{"decision":{"at":44227771,"#, with: #"{"decision":{"at":1,"#) }
        for arguments in [[], ["--diagram", "plantuml", "--run", "1"]] {
            let end = try await replay(swapped, arguments).end
            #expect(end == .exited(0) || end == .exited(3), "\(end)")
        }
    }

    @Test func `a replay stops at twice as many runs as were recorded`() async throws {
        let (lines, _) = try changed("arrival", "at", to: "316000000000000000")
        let last = #"{"decision":{"at":315000000000000000,"content":{"triggered":{"reason":"none"}}}}"#
        for interval in ["1ms", "5m"] {
            var lines = lines + [last]
            lines[0] = lines[0].replacing(#""LANDFALL_INTERVAL":"5m""#, with: #""LANDFALL_INTERVAL":"\#(interval)""#)
            let result = try await replay(lines)
            #expect(result.end == .exited(3), "\(result.errorText)")
            #expect(result.outputText.contains("the replay stops: 4 runs are twice as many as were recorded"))
        }
    }

    @Test func `a replay that only waits again and again ends with an error`() async throws {
        // The engine's events end again and again, and runs are far apart.
        let (lines, _) = try changed("arrival", "at", to: "316000000000000000")
        let ended = #"{"stream":{"at":5000000000,"content":{"ended":{}},"stream":1}}"#
        var hostile =
            lines + [ended, #"{"decision":{"at":315000000000000000,"content":{"triggered":{"reason":"none"}}}}"#]
        hostile[0] = hostile[0].replacing(#""LANDFALL_INTERVAL":"5m""#, with: #""LANDFALL_INTERVAL":"366d""#)
        let result = try await replay(hostile)
        let isStopped = result.end == .exited(3) || result.errorText.contains("the replay does not end")
        #expect(isStopped, "\(result.end) \(result.errorText)")
    }

    @Test func `many different decisions are compared without comparing each with each`() async throws {
        let decisions = (0..<20_000).map {
            #"{"decision":{"at":7000000000,"content":{"triggered":{"reason":"n\#($0)"}}}}"#
        }
        let result = try await replay(Self.scenario.lines + decisions)
        #expect(result.end == .exited(3))
        #expect(result.outputText.contains("-trigger  n19999"))
    }
}
