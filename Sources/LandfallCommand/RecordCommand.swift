import Configuration
import Daemon
import Model
import Recording

struct RecordCommand: Subcommand {
    static let name = "record"
    static let summary = "Records everything that the daemon sees and decides, to be replayed."
    static let awaitsSignals = true
    static let help = """
        Usage: landfall record FILE [--limit SIZE]

        Writes a recording into FILE, a new one, until Ctrl-C: of the running daemon, from its next idle moment on; where
        none runs, it is `landfall run` that is recorded. No secret goes in. `landfall replay FILE` shows what happened.
        LANDFALL_RECORD lets a daemon record always.

          --limit SIZE   ends it when the file would get larger: 500KiB, 64MiB, 1GiB; 64MiB when not given

        Exit status: 0 when it was told to end or the file is full, 1 when it cannot record, 2 when the arguments or the
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
            try await RecordingToFile(configuration, file: file)
                .run(log: Startup.daemonLog(configuration.logging)) { Terminal.error(text($0)) }
        } catch {
            file.removeIfEmpty()
            throw error
        }
        Terminal.error("\(path): \(file.size) bytes")
        return ExitStatus.success
    }

    private func text(_ step: RecordingToFile.Step) -> String {
        switch step {
        case .waiting: "waiting for the daemon's next idle moment"
        case .recording: "recording; Ctrl-C ends it"
        case .stopped(let byDaemon): byDaemon ? "the daemon stopped" : "ended"
        case .full: "the file is full"
        }
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
