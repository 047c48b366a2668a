import Daemon

/// One word after `landfall`.
protocol Subcommand: SendableMetatype {
    static var name: String { get }
    /// One line for the list of commands.
    static var summary: String { get }
    /// All of `landfall NAME --help`.
    static var help: String { get }

    /// Whether SIGHUP, SIGINT and SIGTERM are awaited, and so do not end it by themselves.
    static var awaitsSignals: Bool { get }

    init(arguments: [String]) throws(UsageError)
    /// Returns the exit status.
    func run() async -> Int32
}

extension Subcommand {
    static var awaitsSignals: Bool { false }
}

/// What is wrong with the arguments; one line.
struct UsageError: Error {
    let text: String

    init(_ text: String) {
        self.text = text
    }
}

/// Exit statuses are interface: scripts read them.
enum ExitStatus {
    static let success: Int32 = 0
    static let failure: Int32 = 1
    /// Wrong arguments or configuration; nothing was touched.
    static let misuse: Int32 = 2
    /// A replay decided otherwise than its recording.
    static let difference: Int32 = 3
}

let subcommands: [any Subcommand.Type] = [
    RunCommand.self, OnceCommand.self, PlanCommand.self, ExplainCommand.self, CheckCommand.self, RecordCommand.self,
    ReplayCommand.self, HealthCommand.self, VariablesCommand.self, CompletionCommand.self, VersionCommand.self,
    SignalCommand.self, HookCommand.self,
]

func subcommand(_ word: String?) -> (any Subcommand.Type)? {
    subcommands.first { $0.name == word }
}

func dispatch(_ arguments: [String]) async -> Int32 {
    guard let word = arguments.first else {
        Terminal.error(overview)
        return ExitStatus.misuse
    }
    if ["--help", "-h", "help"].contains(word) {
        Terminal.print(overview)
        return ExitStatus.success
    }
    if word == "--version" { return await VersionCommand().run() }
    guard let subcommand = subcommand(word) else {
        Terminal.error("landfall: there is no command `\(Terminal.plain(word))`; `landfall --help` lists them")
        return ExitStatus.misuse
    }
    let rest = Array(arguments.dropFirst())
    if rest.contains("--help") || rest.contains("-h") {
        Terminal.print(subcommand.help)
        return ExitStatus.success
    }
    do throws(UsageError) {
        return try await subcommand.init(arguments: rest).run()
    } catch {
        Terminal.error("landfall \(word): \(error.text); see `landfall \(word) --help`")
        return ExitStatus.misuse
    }
}

private var overview: String {
    let width = subcommands.map { $0.name.count }.max() ?? 0
    let lines = subcommands.map { "  \($0.name)\(String(repeating: " ", count: width - $0.name.count))  \($0.summary)" }
    return """
        Landfall keeps DNS records, certificates and proxies in step with the labels of your containers.

        Usage: landfall COMMAND [--help]

        \(lines.joined(separator: "\n"))

        It is configured by environment variables; `landfall run --help` lists them.
        """
}
