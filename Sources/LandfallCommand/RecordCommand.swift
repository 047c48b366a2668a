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
        var (path, limit) = (String?.none, 64 << 20)
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--limit" {
                guard let size = rest.popFirst().flatMap(Self.size) else {
                    throw UsageError("--limit takes a size: 500KiB, 64MiB, 1GiB")
                }
                limit = size
            } else if argument.hasPrefix("-") {
                throw UsageError("`\(Terminal.plain(argument))` is no option of it")
            } else if path != nil {
                throw UsageError("it takes one file")
            } else {
                path = argument
            }
        }
        guard let path else { throw UsageError("it needs a file to write to") }
        (self.path, self.limit) = (path, limit)
    }

    func run() async -> Int32 {
        guard let configuration = Startup.configuration() else { return ExitStatus.misuse }
        let file: RecordingFile
        do throws(RecordingSinkError) {
            file = try RecordingFile(path: path, limit: limit)
        } catch {
            Terminal.error("landfall record: \(error); name a file that can be made")
            return ExitStatus.misuse
        }
        do throws(UserFacingError) {
            try await RecordingToFile(configuration, file: file)
                .run(log: Startup.daemonLog(configuration.logging)) { Terminal.error(text($0)) }
            Terminal.error("\(path): \(file.size) bytes")
            return ExitStatus.success
        } catch {
            file.removeIfEmpty()
            Terminal.error("landfall record: \(error)")
            return ExitStatus.failure
        }
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
