import Model
import Ports
import TestSupport
import Testing

/// What each shell offers, asked of the shell.
@Suite struct CompletionTests {
    @Test func `bash completes commands, options and words`() async throws {
        let script = #"""
            eval "$("$0" completion bash)"
            ask() { COMP_WORDS=(landfall "$@") COMP_CWORD=$#; _landfall; echo "${COMPREPLY[*]}"; }
            complete -p landfall
            ask expl
            ask plan --
            ask completion z
            """#
        let lines = try await answers(["bash", "--norc", "-c", script, LandfallProgram.path])
        #expect(lines.count == 4)
        #expect(lines[0] == "complete -F _landfall landfall")
        #expect(lines[1] == "explain")
        #expect(lines[2].split(separator: " ").contains("--json"))
        #expect(lines[3] == "zsh")
    }

    @Test(.enabled(if: Disk.exists("/usr/bin/fish"), "needs Debian's fish"))
    func `fish completes commands, options and words`() async throws {
        let script = #"""
            "$LANDFALL" completion fish | source
            complete -C "landfall expl"
            complete -C "landfall plan --js"
            complete -C "landfall completion z"
            """#
        try await withFolder { folder in
            let places = [
                "HOME": folder, "XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "LANDFALL": LandfallProgram.path,
            ]
            let lines = try await answers(["fish", "--no-config", "-c", script], places)
            #expect(lines.map { $0.split(separator: "\t")[0] } == ["explain", "--json", "zsh"])
            #expect(lines[0].contains("\t"))
        }
    }

    @Test(.enabled(if: Disk.exists("/usr/bin/zsh"), "needs Debian's zsh"))
    func `zsh completes commands, options and words`() async throws {
        // zsh's own functions, which need a terminal, tell what they are given.
        let script = #"""
            compdef() { print -r -- "compdef $*" }
            _describe() { print -rl -- ${(P)2} }
            _arguments() { print -rl -- "$@" }
            eval "$("$1" completion zsh)"
            ask() { words=(landfall "$@"); CURRENT=$(($# + 1)); _landfall }
            ask ''
            ask plan ''
            ask completion ''
            """#
        let lines = try await answers(["zsh", "-f", "-c", script, "test", LandfallProgram.path])
        #expect(lines.first == "compdef _landfall landfall")
        #expect(lines.contains { $0.hasPrefix("explain:Explains") })
        #expect(lines.contains { $0.hasPrefix("--json[") })
        #expect(lines.contains("1:word:(bash zsh fish)"))
    }

    private func answers(_ arguments: [String], _ more: [String: String] = [:]) async throws -> [String] {
        let result = try await Checkout.run(arguments, environment: more, limit: .seconds(30))
        #expect(result.end == .exited(0), "\(result.errorText)")
        #expect(result.errorText.isEmpty, "\(result.errorText)")
        return result.outputText.split(separator: "\n").map(\.trimmed)
    }
}
