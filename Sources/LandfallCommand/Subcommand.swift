import Configuration
import Daemon

/// A command: the first word after `landfall`.
protocol Subcommand: SendableMetatype {
    static var name: String { get }
    /// One line for the list of commands.
    static var summary: String { get }
    /// All of `landfall NAME --help`.
    static var help: String { get }

    /// Whether the command handles SIGHUP, SIGINT and SIGTERM itself.
    static var awaitsSignals: Bool { get }

    init(arguments: [String]) throws(UsageError)
    /// Runs the command and returns its exit status.
    func run() async throws -> Int32
}

extension Subcommand {
    static var awaitsSignals: Bool { false }
}

/// An error in the arguments, in one line.
struct UsageError: Error {
    let text: String

    init(_ text: String) { self.text = text }
}

/// The exit statuses, which scripts rely on.
enum ExitStatus {
    static let success: Int32 = 0
    static let failure: Int32 = 1
    /// Wrong arguments or configuration; nothing was touched.
    static let misuse: Int32 = 2
    /// A replay decided otherwise than its recording.
    static let difference: Int32 = 3
}

let subcommands: [any Subcommand.Type] = [
    RunCommand.self, OnceCommand.self, PlanCommand.self, StatusCommand.self, ExplainCommand.self, CheckCommand.self,
    RecordCommand.self, ReplayCommand.self, HealthCommand.self, VariablesCommand.self, CompletionCommand.self,
    VersionCommand.self, SignalCommand.self, HookCommand.self,
]

func subcommand(_ word: String?) -> (any Subcommand.Type)? { subcommands.first { $0.name == word } }

func dispatch(_ arguments: [String]) async -> Int32 {
    guard let word = arguments.first else {
        Terminal.error(overview)
        return ExitStatus.misuse
    }
    if ["--help", "-h", "help"].contains(word) {
        Terminal.print(overview)
        return ExitStatus.success
    }
    if word == "--version" { return VersionCommand().run() }
    guard let subcommand = subcommand(word) else {
        Terminal.error("landfall: there is no command `\(Terminal.plain(word))`; `landfall --help` lists them")
        return ExitStatus.misuse
    }
    let rest = Array(arguments.dropFirst())
    if rest.contains("--help") || rest.contains("-h") {
        Terminal.print(subcommand.help)
        return ExitStatus.success
    }
    do {
        return try await subcommand.init(arguments: rest).run()
    } catch let error as UsageError {
        Terminal.error("landfall \(word): \(error.text); see `landfall \(word) --help`")
        return ExitStatus.misuse
    } catch let error as ConfigurationError {
        for problem in error.problems { Terminal.error("landfall: \(problem)") }
        return ExitStatus.misuse
    } catch {
        Terminal.error("landfall \(word): \(error)")
        return ExitStatus.failure
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
