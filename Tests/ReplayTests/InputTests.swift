import Daemon
import FoundationEssentials
import Model
import Ports
import Recording
import TestSupport
import Testing

/// What a person gives to `landfall replay`.
@Suite struct InputTests {
    private static let scenario = Scenario("first-deployment")

    @Test func `several recordings become one timeline, in the order of time`() async throws {
        let others = [Scenario("renewal"), Scenario("first-deployment")]
        let result = try await ReplayProgram.run(others.map(\.file))
        #expect(result.end == .exited(0))
        let times = try Self.times(result.outputText)
        #expect(times == times.sorted())
        let expected = try others.reduce(0) { $0 + (try Self.times($1.expectation).count) }
        #expect(times.count == expected)
        for scenario in others {
            #expect(result.outputText.contains("\n\(scenario.file): The decisions are those recorded.\n"))
        }
    }

    /// Of one day: `17:12:29.034  trigger  start-up`.
    private static func times(_ text: String) throws -> [Substring] {
        text.split(separator: "\n").filter { $0.dropFirst(2).first == ":" }.map { $0.prefix(12) }
    }

    @Test func `the standard input is a file like others`() async throws {
        let result = try await ReplayProgram.run(["-"], input: Self.scenario.file)
        #expect(result.outputText == (try Self.scenario.expectation))
    }

    @Test func `half a last line is left out`() async throws {
        let text = try Self.scenario.lines.joined(separator: "\n").dropLast(20)
        let result = try await withFile(String(text)) { try await ReplayProgram.run([$0]) }
        #expect(result.end == .exited(0))
        #expect(result.outputText.hasSuffix("\nThe decisions are those recorded.\n"))
    }

    @Test func `the JSON output has the same content`() async throws {
        let result = try await ReplayProgram.run(["--json", Self.scenario.file])
        #expect(result.end == .exited(0))
        let document = try JSONDecoder().decode(Document.self, from: Data(result.output))
        let expected = try Self.scenario.replay().timeline.items
        #expect(document.timeline.map(\.text) == expected.map(\.text))
        #expect(document.timeline.map(\.kind) == expected.map(\.kind.rawValue))
        #expect(document.timeline.compactMap { Timestamp($0.at) } == expected.map(\.at))
        let session = try #require(document.sessions.first)
        #expect(document.sessions.count == 1 && session.path == Self.scenario.file)
        #expect(session.decisionsAreThoseRecorded)
        #expect(session.difference.isEmpty && session.strayed.isEmpty && session.gaps.isEmpty)
    }

    /// As docs/debugging.md tells it.
    private struct Document: Decodable {
        struct Item: Decodable {
            let at: String
            let kind: String
            let text: String
        }

        struct Session: Decodable {
            let path: String
            let decisionsAreThoseRecorded: Bool
            let difference: [String]
            let strayed: [String]
            let gaps: [String]
        }

        let timeline: [Item]
        let sessions: [Session]
    }

    @Test(arguments: SequenceDiagram.Language.allCases)
    func `a diagram shows the messages of a run`(_ language: SequenceDiagram.Language) async throws {
        let result = try await ReplayProgram.run(["--diagram", language.rawValue, Self.scenario.file])
        #expect(result.end == .exited(0))
        #expect(result.outputText == (try FixtureFile("recordings/first-deployment.\(language.rawValue)").text()))
    }
}
