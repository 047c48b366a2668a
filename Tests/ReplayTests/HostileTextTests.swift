import Model
import Ports
import TestSupport
import Testing

/// Whatever a recording holds, a replay writes it to a terminal as text.
@Suite(.limited(minutes: 5)) struct HostileTextTests {
    private static let scenario = Scenario("certbot-failure")

    /// The last keys of the texts in a recording, and in the JSON that it quotes.
    private static func keys(in lines: [JSONValue]) -> [String] {
        Set(lines.flatMap { HostileText.paths(of: $0).compactMap(key) }).sorted()
    }

    private static func key(of path: [HostileText.Step]) -> String? {
        path.reduce(nil) { last, step in if case .key(let key) = step { key } else { last } }
    }

    /// The lines with escape sequences in every text under a key.
    private static func planted(_ key: String, in lines: [JSONValue]) -> String {
        let planted = lines.map { line in
            HostileText.paths(of: line).filter { self.key(of: $0) == key }.reduce(into: line) { $0.plant($1[...]) }
        }
        return planted.map { "\($0)\n" }.joined()
    }

    @Test func `escape sequences in a recording reach no terminal`() async throws {
        let lines = try Self.scenario.lines.map { try decodeJSON(JSONValue.self, from: Array($0.utf8)) }
        var isShown = false
        for key in Self.keys(in: lines) where key != "recording" {
            try await withFile(Self.planted(key, in: lines)) { path in
                for arguments in [[path], [path, "--json"], ["--diagram", "mermaid", path]] {
                    let result = try await ReplayProgram.run(arguments)
                    let output = result.outputText + result.errorText
                    #expect(HostileText.unprintable(in: output).isEmpty, "\(key) \(arguments)")
                    isShown = isShown || result.outputText.contains("owned")
                }
            }
        }
        #expect(isShown)
    }
}
