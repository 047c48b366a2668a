import Composition

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
