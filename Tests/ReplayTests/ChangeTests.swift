import Ports
import Testing

/// Another outside than was recorded has the effect of another program: it decides otherwise, and that is shown.
@Suite struct ChangeTests {
    private static let scenario = Scenario("first-deployment")

    /// Replays the scenario with an answer that says something else.
    private static func replay(_ text: String, saying other: String) async throws -> ProcessResult {
        let recording = try scenario.lines.joined(separator: "\n") + "\n"
        try #require(recording.contains(text))
        return try await withFile(recording.replacing(text, with: other)) { path in try await ReplayProgram.run([path])
        }
    }

    @Test func `a zone that is not the account's`() async throws {
        let result = try await Self.replay(
            #"\"name\":\"example.test\",\"name_servers\""#,
            saying: #"\"name\":\"example.org\",\"name_servers\""#
        )
        #expect(result.end == .exited(3))
        let lines = result.outputText.split(separator: "\n")
        #expect(lines.contains("The decisions differ (- recorded, + now):"))
        #expect(lines.contains { $0.hasPrefix("-  record      web-first-deployment.example.test: changed: created A") })
        #expect(lines.contains { $0.hasPrefix("+  record      web-first-deployment.example.test: refused: ") })
        #expect(lines.contains("-ended    3 changed, 0 failed"))
    }

    @Test func `a record of ours that is there already, with another address`() async throws {
        let result = try await Self.replay(withRecordOf: #",\"comment\":\"landfall:first-deployment\""#)
        #expect(result.end == .exited(3))
        let lines = result.outputText.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("asked now and not then: http PATCH ") })
        #expect(
            lines.contains {
                $0.hasSuffix(
                    "plan     record web-first-deployment.example.test: update A 198.51.100.9 to A 85.214.132.117"
                )
            }
        )
    }

    @Test func `a record of somebody else's that is there already, with another address`() async throws {
        let result = try await Self.replay(withRecordOf: "")
        #expect(result.end == .exited(3))
        let lines = result.outputText.split(separator: "\n")
        #expect(!lines.contains { $0.hasPrefix("asked now and not then: ") })
        let refusal = "A 198.51.100.9 was not made by Landfall, so it is not changed to A 85.214.132.117"
        #expect(lines.contains { $0.contains(refusal) })
    }

    /// - Parameter owner: the member with the comment, if any.
    private static func replay(withRecordOf owner: String) async throws -> ProcessResult {
        let record =
            #"{\"content\":\"198.51.100.9\",\"id\":\"r1\",\"name\":\"web-first-deployment.example.test\",\"proxied\":false,\"ttl\":1,\"type\":\"A\"\#(owner)}"#
        return try await replay(
            #"\"result\":[],\"result_info\":{\"count\":0,\"page\":1,\"per_page\":5000,\"total_count\":0"#,
            saying:
                #"\"result\":[\#(record)],\"result_info\":{\"count\":1,\"page\":1,\"per_page\":5000,\"total_count\":1"#
        )
    }

    @Test func `a service without the label`() async throws {
        let result = try await Self.replay(
            #"{\"landfall.host\":\"web-first-deployment.example.test\"}"#,
            saying: "{}"
        )
        #expect(result.end == .exited(3))
        #expect(result.outputText.contains("\n-  certificate web-first-deployment.example.test: changed"))
        #expect(result.outputText.contains("\n+ended    1 changed, 0 failed"))
    }
}
