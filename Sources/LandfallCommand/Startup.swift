import Configuration
import Daemon
import Files
import FoundationEssentials
import Glibc
import Log
import System
import Ports
import Timing

/// What every command that needs the configuration begins with.
enum Startup {
    /// The checked configuration; nil after its errors were printed, a line each.
    static func configuration() -> Configuration? {
        do throws(ConfigurationError) {
            return try checked()
        } catch {
            for problem in error.problems { Terminal.error("landfall: \(problem)") }
            return nil
        }
    }

    static func checked() throws(ConfigurationError) -> Configuration {
        try Configuration(environment: ProcessInfo.processInfo.environment, files: SystemFiles())
    }

    /// The daemon's log: standard output, where a container's log is read from.
    static func daemonLog(_ settings: Configuration.Logging) -> Logger {
        let format = settings.format ?? (Terminal.outputIsTerminal ? .text : .json)
        return logger(settings.level, format, STDOUT_FILENO)
    }

    /// The log of a command whose output is its result: standard error, warnings only unless asked for more.
    static func commandLog(_ settings: Configuration.Logging) -> Logger {
        logger(settings.level == .info ? .warning : settings.level, settings.format ?? .text, STDERR_FILENO)
    }

    private static func logger(_ level: Logger.Level, _ format: Logger.Format, _ descriptor: Int32) -> Logger {
        let clock = SystemClock()
        return Logger(level: level, format: format, now: { clock.now }, write: { writeLine($0, to: descriptor) })
    }
}
