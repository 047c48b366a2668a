import Daemon
import Recording
import Testing

/// Replays of real sessions.
@Suite struct FixtureTests {
    @Test func `all recordings are there`() {
        #expect(Scenario.all.count >= 12)
    }

    @Test func `six recordings are replayed strictly`() {
        #expect(Scenario.strict.count == 6)
    }

    /// Whatever order things are asked in: only what is decided counts, and that nothing unknown is asked.
    @Test(arguments: Scenario.all)
    func `a replay decides what was recorded`(_ scenario: Scenario) throws {
        let result = try scenario.replay()
        #expect(result.difference?.lines == [])
        #expect(result.deviations == [])
    }

    /// Every exchange that was recorded is asked for once more, at its own time.
    @Test(arguments: Scenario.strict)
    func `a strict recording is replayed exchange by exchange`(_ scenario: Scenario) throws {
        let result = try scenario.replay()
        #expect(result.unused == [])
        let text = "\(result.timeline)\n\nThe decisions are those recorded.\n"
        #expect(text == (try scenario.expectation))
    }

    @Test(arguments: Scenario.all)
    func `a recording holds one session from its start-up to its end, and no gap`(_ scenario: Scenario) throws {
        let session = try scenario.session
        #expect(session.header.beginning == "start-up")
        #expect(session.gaps.isEmpty)
        #expect(session.arrivals.count { if case .end = $0.content { true } else { false } } == 1)
        #expect(session.runs.count > 1 || scenario.name == "stopped-in-a-run")
    }

    /// As a power failure leaves it: what is there must not be read otherwise because of what is missing.
    @Test(arguments: Scenario.all)
    func `a recording that was cut off is replayed up to there`(_ scenario: Scenario) async throws {
        let lines = try scenario.lines
        for count in stride(from: 2, to: lines.count, by: max(1, lines.count / Self.cuts)) {
            let result = try await withFile(lines.prefix(count).joined(separator: "\n") + "\n") { path in
                try Replay(#require(try RecordedSession.all(in: InputFile(path)).first)).run()
            }
            #expect(result.difference?.lines == [], "after \(count) of \(lines.count) lines")
        }
    }

    private static let cuts = 10
}
