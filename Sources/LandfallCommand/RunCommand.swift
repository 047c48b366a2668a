import Configuration
import Daemon
import Log
import Model
import Recording

struct RunCommand: Subcommand {
    static let name = "run"
    static let summary = "Runs the daemon: watches the engine and keeps everything up to date."
    static let awaitsSignals = true

    static var help: String {
        """
        Usage: landfall run

        Runs until SIGTERM or SIGINT. SIGHUP starts a run at once. Logs to standard output.

        Exit status: 0 after a signal, 1 when it cannot begin, 2 when the configuration is wrong.

        Each variable NAME may also be given as NAME_FILE, the path of a file that holds the value, or as a line
        NAME=VALUE in \(RawConfiguration.secretsFile).

        \(Variable.help)
        """
    }

    init(arguments: [String]) throws(UsageError) { _ = try Arguments.options(arguments) }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        let log = Startup.daemonLog(configuration.logging)
        do throws(UserFacingError) {
            try await Daemon(configuration, log: log).run()
            return ExitStatus.success
        } catch {
            log.error("cannot start", [.error: "\(error)"])
            return ExitStatus.failure
        }
    }
}

struct RecordCommand: Subcommand {
    static let name = "record"
    static let summary = "Records everything that the daemon reads and decides, for a replay."
    static let awaitsSignals = true
    static let help = """
        Usage: landfall record FILE [--limit SIZE]

        Records into a new FILE until Ctrl-C: the running daemon, from its next idle moment on; if none is running, starts
        `landfall run` and records it. A recording holds no secrets. `landfall replay FILE` shows what happened. With
        LANDFALL_RECORD, a daemon always records.

          --limit SIZE   ends it when the file would get larger: 500KiB, 64MiB, 1GiB; 64MiB when not given

        Exit status: 0 when it was stopped or the file is full, 1 when it cannot record, 2 when the arguments or the
        configuration are wrong.
        """

    private let path: String
    private let limit: Int

    init(arguments: [String]) throws(UsageError) {
        let arguments = try Arguments(arguments, options: ["--limit"])
        path = try arguments.operand("a file to write to")
        limit = try arguments.value("--limit", takes: "a size: 500KiB, 64MiB, 1GiB", Self.size) ?? 64 << 20
    }

    func run() async throws -> Int32 {
        let configuration = try Startup.configuration()
        let file: RecordingFile
        do throws(RecordingSinkError) {
            file = try RecordingFile(path: path, limit: limit)
        } catch {
            throw UsageError("\(error); name a file that can be created")
        }
        do throws(UserFacingError) {
            let log = Startup.daemonLog(configuration.logging)
            try await RecordingToFile(configuration, file: file).run(log: log) { Terminal.error($0) }
        } catch {
            file.removeIfEmpty()
            throw error
        }
        Terminal.error("\(path): \(file.size) bytes")
        return ExitStatus.success
    }

    /// `500KiB`, `64MiB`, `1GiB`.
    private static func size(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let shifts = ["KiB": 10, "MiB": 20, "GiB": 30]
        guard let count = Int(digits), (1...1023).contains(count),
            let shift = shifts[String(text.dropFirst(digits.count))]
        else { return nil }
        return count << shift
    }
}
