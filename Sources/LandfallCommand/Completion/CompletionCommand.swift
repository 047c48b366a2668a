struct CompletionCommand: Subcommand {
    static let name = "completion"
    static let summary = "Prints the completion for a shell."
    static let help = """
        Usage: landfall completion bash|zsh|fish

        Prints what makes a shell complete commands and options of landfall:

          bash: eval "$(landfall completion bash)"
          zsh:  eval "$(landfall completion zsh)"
          fish: landfall completion fish | source
        """

    private let script: String

    init(arguments: [String]) throws(UsageError) {
        let commands = subcommands.map(CompletedCommand.init)
        switch arguments {
        case ["bash"]: script = bashCompletion(of: commands)
        case ["zsh"]: script = zshCompletion(of: commands)
        case ["fish"]: script = fishCompletion(of: commands)
        default: throw UsageError("it takes `bash`, `zsh` or `fish`")
        }
    }

    func run() async -> Int32 {
        Terminal.print(script)
        return ExitStatus.success
    }
}

/// A command as completions know it, read from its help, so that there is one text to keep true.
struct CompletedCommand {
    struct Option {
        /// `--limit`.
        let name: String
        /// `SIZE`; nil when it takes no value.
        let value: String?
        let summary: String

        var takesFile: Bool { value == "FILE" }
    }

    let name: String
    let summary: String
    let options: [Option]
    /// What may follow the command: words, or files.
    let words: [String]
    let takesFiles: Bool

    init(_ command: any Subcommand.Type) {
        name = command.name
        summary = command.summary
        let lines = command.help.split(separator: "\n")
        options = lines.compactMap(Self.option) + [Option(name: "--help", value: nil, summary: "prints the help")]
        let operands = Self.operands(lines.first ?? "")
        words = operands.filter { $0.contains("|") }.flatMap { $0.split(separator: "|").map(String.init) }
        takesFiles = operands.contains { $0 == "FILE" || $0 == "FILE…" }
    }

    /// `  --limit SIZE   ends it when …`
    private static func option(_ line: Substring) -> Option? {
        guard line.hasPrefix("  --") else { return nil }
        let text = line.dropFirst(2)
        let head = text.firstRange(of: "  ").map { text[..<$0.lowerBound] } ?? text
        let parts = head.split(separator: " ", maxSplits: 1).map(String.init)
        let summary = text.dropFirst(head.count).drop { $0 == " " }
        return Option(name: parts[0], value: parts.dropFirst().first, summary: String(summary))
    }

    /// The words of `Usage: landfall NAME …`, less the options and their values.
    private static func operands(_ usage: Substring) -> [String] {
        var operands: [String] = []
        var isInOption = false
        for word in usage.split(separator: " ").dropFirst(3) {
            isInOption = isInOption || word.hasPrefix("[--")
            if !isInOption { operands.append(String(word.filter { $0 != "[" && $0 != "]" })) }
            if word.hasSuffix("]") { isInOption = false }
        }
        return operands
    }
}
