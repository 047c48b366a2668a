import Ports
import Testing

/// One clear line: which file, where, what.
@Suite struct WrongInputTests {
    private static let scenario = Scenario("removal")

    private static func complaint(about arguments: [String]) async throws -> String {
        let result = try await ReplayProgram.run(arguments)
        #expect(result.end == .exited(2))
        #expect(result.outputText == "")
        #expect(result.errorText.split(separator: "\n").count == 1)
        return result.errorText
    }

    private static func complaint(aboutText text: String) async throws -> (path: String, text: String) {
        try await withFile(text) { path in (path, try await complaint(about: [path])) }
    }

    @Test func `a missing file, and a folder`() async throws {
        #expect(try await Self.complaint(about: ["/nowhere.ndjson"]).contains("/nowhere.ndjson"))
        #expect(try await Self.complaint(about: ["/"]).contains("/"))
    }

    @Test(arguments: ["Dear diary,\nnothing happened.\n", "\u{0}\u{1}", "{}\n", #"{"recording":{}}"# + "\n"])
    func `what is neither a recording nor events`(_ text: String) async throws {
        let complaint = try await Self.complaint(aboutText: text)
        #expect(complaint.text.contains(complaint.path))
    }

    @Test func `a recording of another format`() async throws {
        var lines = try Self.scenario.lines
        lines[0] = lines[0].replacing(#""format":2,"#, with: #""format":1,"#)
        let complaint = try await Self.complaint(aboutText: lines.joined(separator: "\n") + "\n")
        #expect(
            complaint.text
                == "landfall replay: \(complaint.path): line 1 is of format 1; this version of Landfall reads format 2\n"
        )
    }

    @Test(arguments: ["rubbish", "{}", #"{"exchange":{"at":1}}"#, #"{"decision":"none"}"#])
    func `rubbish between the lines`(_ rubbish: String) async throws {
        var lines = try Self.scenario.lines
        lines.insert(rubbish, at: 6)
        let complaint = try await Self.complaint(aboutText: lines.joined(separator: "\n") + "\n")
        #expect(complaint.text == "landfall replay: \(complaint.path): line 7 is not a line of a recording\n")
    }

    @Test func `a configuration that this Landfall does not understand`() async throws {
        var lines = try Self.scenario.lines
        lines[0] = lines[0].replacing(#""LANDFALL_INTERVAL":"5m""#, with: #""LANDFALL_INTERVAL":"often""#)
        let complaint = try await Self.complaint(aboutText: lines.joined(separator: "\n") + "\n")
        #expect(complaint.text.contains("LANDFALL_INTERVAL"))
    }
}
