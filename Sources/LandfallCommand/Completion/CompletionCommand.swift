import Daemon

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
