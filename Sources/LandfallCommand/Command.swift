import Configuration
import Daemon
import Files
import FoundationEssentials
import Glibc
import Log
import System
import Timing

/// `landfall`: arguments → subcommand → exit status.
@main
struct Command {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        SystemSignal.ignoreBrokenPipes()
        // Before any other thread exists, and so before anything asynchronous.
        if subcommand(arguments.first)?.awaitsSignals == true { SystemSignal.block() }
        Task.detached {
            let status = await dispatch(arguments)
            // Not exit(3): its destructors would race with threads that still serve.
            _exit(status)
        }
        while true { pause() }
    }
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
    let lines = subcommands.map { "  \(Terminal.padded($0.name, width))  \($0.summary)" }
    return """
        Landfall keeps DNS records, certificates and proxies in step with the labels of your containers.

        Usage: landfall COMMAND [--help]

        \(lines.joined(separator: "\n"))

        It is configured by environment variables; `landfall run --help` lists them.
        """
}

/// The configuration and the log of a command.
enum Startup {
    /// Reads and checks the configuration.
    static func configuration() throws(ConfigurationError) -> Configuration {
        try Configuration(environment: ProcessInfo.processInfo.environment, files: SystemFiles())
    }

    /// The daemon's log: standard output, where a container's log is read from.
    static func daemonLog(_ settings: Configuration.Logging) -> Logger {
        let format = settings.format ?? (Terminal.outputIsTerminal ? .text : .json)
        return logger(settings.level, format, STDOUT_FILENO)
    }

    /// The log of a command whose output is its result: standard error, by default only warnings.
    static func commandLog(_ settings: Configuration.Logging) -> Logger {
        logger(settings.level == .info ? .warning : settings.level, settings.format ?? .text, STDERR_FILENO)
    }

    private static func logger(_ level: Logger.Level, _ format: Logger.Format, _ descriptor: Int32) -> Logger {
        let clock = SystemClock()
        return Logger(level: level, format: format, now: { clock.now }, write: { writeLine($0, to: descriptor) })
    }
}
