import Configuration
import Daemon

struct VariablesCommand: Subcommand {
    static let name = "variables"
    static let summary = "Lists the variables that configure it."
    static let help = """
        Usage: landfall variables [env|markdown]

        Prints every variable, what it means and takes, and what stands when it is unset: for people, as a file of
        NAME=VALUE lines to begin with (env), or as a page of documentation (markdown).
        """

    private let text: String

    init(arguments: [String]) throws(UsageError) {
        switch arguments {
        case []: text = Variable.help
        case ["env"]: text = Variable.environmentFile
        case ["markdown"]: text = Variable.page
        default: throw UsageError("it takes `env`, `markdown`, or nothing")
        }
    }

    func run() async -> Int32 {
        Terminal.print(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        return ExitStatus.success
    }
}
