import Composition
import Configuration

struct VariablesCommand: Subcommand {
    static let name = "variables"
    static let summary = "Lists the variables that configure it."
    static let help = """
        Usage: landfall variables [env|markdown]

        Prints every variable, its meaning, its values and its default: for people, as a file of NAME=VALUE lines to begin
        with (env), or as a page of documentation (markdown).
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

struct VersionCommand: Subcommand {
    static let name = "version"
    static let summary = "Prints the version."
    static let help = "Usage: landfall version\n\nPrints the version and exits."

    init() {}

    init(arguments: [String]) throws(UsageError) { _ = try Arguments.options(arguments) }

    func run() -> Int32 {
        Terminal.print("landfall \(landfallVersion)")
        return ExitStatus.success
    }
}
