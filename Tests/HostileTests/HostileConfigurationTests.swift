import Emulators
import Model
import Ports
import Processes
import TestSupport
import Testing

@testable import Configuration

/// Values that no variable can mean.
@Suite(.limited(minutes: 8)) struct HostileConfigurationTests {
    /// What stands for the value that must not be printed.
    private static let mark = "hunter2"

    /// Kinds of wrong values, and what their line says.
    static let kinds: [(name: String, value: @Sendable (Variable) -> String, clause: String)] = [
        ("empty", { _ in "" }, "is empty"), ("blank", { _ in " \t" }, "is empty"),
        ("a BOM", { _ in "\u{FEFF}\(mark)" }, "holds a byte order mark"),
        ("an escape sequence", { _ in "\(mark)\u{1B}[2J" }, "holds a control character"),
        ("quotation marks", { _ in "\"\(mark)\"" }, "is in quotation marks"),
        ("its own name", { "\($0.name)=\(mark)" }, "repeats the variable's name"),
    ]

    /// Of secrets alone.
    static let secretKinds: [(name: String, value: String, clause: String)] = [
        ("a second header", "\(mark)\r\nX-Auth-Email: x", "holds a line break"),
        ("white space", "\(mark) \(mark)", "holds white space"),
        ("a header's value", "Bearer \(mark)", "begins with `Bearer`"), ("a path", "/run/secrets/\(mark)", "is a path"),
        ("a placeholder", "${\(mark)}", "holds a placeholder"),
    ]

    /// Every variable with one kind, unless all tests run in full.
    static let cases: [(name: String, value: String, clause: String)] = {
        let variables = Variable.all.enumerated()
        let all = variables.flatMap { index, variable in
            let chosen = TestScale.isFull ? kinds : [kinds[index % kinds.count]]
            return chosen.map { (variable.name, $0.value(variable), $0.clause) }
        }
        let secrets = Variable.all.filter { $0.isSecret && $0.traits.isDisjoint(with: [.lines, .words, .shell]) }
        return all
            + secrets.enumerated().flatMap { index, variable in
                let chosen = TestScale.isFull ? secretKinds : [secretKinds[index % secretKinds.count]]
                return chosen.map { (variable.name, $0.value, $0.clause) }
            }
    }()

    private func expectLine(_ result: ProcessResult, of place: String, _ clause: String) {
        let lines = (result.outputText + result.errorText).split(separator: "\n")
        #expect(result.end == .exited(2), "\(place): \(result.end) \(lines)")
        #expect(lines.count == 1 && lines[0].contains(clause), "\(place): \(lines)")
        #expect(lines.first?.hasPrefix("landfall: \(place)") == true, "\(place): \(lines)")
        #expect(!lines.contains { $0.contains(Self.mark) }, "\(place): \(lines)")
    }

    @Test func `a wrong value of any variable is one line, exit status 2, and is not printed`() async throws {
        for (name, value, clause) in Self.cases {
            expectLine(try await LandfallProgram.run(["run"], [name: value]), of: name, clause)
        }
    }

    @Test func `so is one in a file`() async throws {
        try await HostileFixture.use { fixture in
            for (index, wrong) in Self.cases.enumerated() where TestScale.isFull || index.isMultiple(of: 4) {
                try fixture.write(Array(wrong.value.utf8), to: "value")
                let name = "\(wrong.name)_FILE"
                let result = try await LandfallProgram.run(["run"], [name: "\(fixture.path)/value"])
                expectLine(result, of: name, wrong.clause)
            }
        }
    }

    @Test(arguments: [
        ["check"], ["plan"], ["once"], ["status"], ["explain", "www.example.test"], ["record", "/dev/null/x"],
    ])
    func `every command says so in the same way`(arguments: [String]) async throws {
        let result = try await LandfallProgram.run(arguments, ["CLOUDFLARE_API_TOKEN": "Bearer \(Self.mark)"])
        expectLine(result, of: "CLOUDFLARE_API_TOKEN", "begins with `Bearer`")
    }

    @Test func `an empty file of a token does not make the provider disappear`() async throws {
        try await HostileFixture.use { fixture in
            try fixture.write([], to: "token")
            try fixture.put("A", "www", "85.214.1.1", comment: "landfall:default")
            let changes = ["CLOUDFLARE_API_TOKEN": "", "CLOUDFLARE_API_TOKEN_FILE": "\(fixture.path)/token"]
            let result = try await fixture.command("run", changes: changes)
            expectLine(result, of: "CLOUDFLARE_API_TOKEN_FILE", "is empty")
            #expect(fixture.cloudflare.log.requests.isEmpty)
        }
    }

    @Test(arguments: [
        ("CLOUDFLARE_API_TOKEN", "0123456789abcdef0123456789abcdef01234"),
        ("CLOUDFLARE_TOKEN", "v8hUDp-Zq0_1rk5Tn9sXw3cYb7mLfA2eGdHjKiVo"),
    ])
    func `a global key in the place of a token is recognised, and the reverse`(name: String, value: String) async throws
    {
        let result = try await LandfallProgram.run(["run"], [name: value])
        #expect(result.end == .exited(2))
        #expect(result.errorText.hasPrefix("landfall: \(name) holds "), "\(result.errorText)")
        #expect(!result.errorText.contains(value))
    }

    @Test func `of two kinds of credentials check says which is used`() async throws {
        try await HostileFixture.use { fixture in
            let changes = [
                "CLOUDFLARE_EMAIL": "me@example.org", "CLOUDFLARE_TOKEN": "0123456789abcdef0123456789abcdef01234",
            ]
            let result = try await fixture.command("check", changes: changes)
            #expect(
                result.outputText.contains("CLOUDFLARE_API_TOKEN is used"),
                "\(result.outputText)\(result.errorText)"
            )
            #expect(!result.outputText.contains("0123456789"))
        }
    }
}
