import Configuration
import Daemon
import Files
import FoundationEssentials
import Glibc
import Log
import System
import Ports
import Timing

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

    /// The log of a command whose output is its result: standard error, warnings only unless asked for more.
    static func commandLog(_ settings: Configuration.Logging) -> Logger {
        logger(settings.level == .info ? .warning : settings.level, settings.format ?? .text, STDERR_FILENO)
    }

    private static func logger(_ level: Logger.Level, _ format: Logger.Format, _ descriptor: Int32) -> Logger {
        let clock = SystemClock()
        return Logger(level: level, format: format, now: { clock.now }, write: { writeLine($0, to: descriptor) })
    }
}
