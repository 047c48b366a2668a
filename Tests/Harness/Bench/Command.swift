import System
import FoundationEssentials
import Glibc
import Log
import Ports
import Sandbox

/// `landfall-bench`: measures Landfall in a sandbox, which `landfall-sandbox exec` provides, and prints a table.
/// `decode`, `declare`, `emulate` and `records` are parts of it that need a process of their own; `signals` and `sources` are
/// worth their own run.
@main
struct Command {
    private static let endings: [Int32] = [SIGINT, SIGTERM, SIGHUP]

    /// Not async: the signals must be blocked in the main thread, before it has started any other.
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        CurrentProcess.blockSignals(endings)
        let bench = Task.detached { exit(await run()) }
        while true {
            _ = CurrentProcess.waitForSignal(endings)
            bench.cancel()
        }
    }

    /// - Returns: the exit status: 0 measured, 1 failed, 130 interrupted. A target that was missed is no failure.
    private static func run() async -> Int32 {
        do {
            let arguments = CommandLine.arguments.dropFirst()
            if let part = arguments.first { return try await run(part, arguments.dropFirst()) }
            let fixture = try BenchFixture.here()
            var measures: [Measure] = []
            defer { print(Table(measures: measures)) }
            try await Bench(fixture).run(into: &measures)
            return 0
        } catch {
            if Task.isCancelled { return 130 }
            say("landfall-bench: \(error)")
            return 1
        }
    }

    private static func run(_ part: String, _ arguments: ArraySlice<String>) async throws -> Int32 {
        let words = Array(arguments)
        let zones = ManyZones(arguments)
        switch (part, words.count, zones) {
        case (SignalDelays.argument, 0, _):
            let measures = try await SignalDelays(fixture: .here()).measure(times: Bench.times)
            print(Table(measures: measures))
        case (SourceDelay.argument, 0, _):
            let declaring = try await Declaring.measure(.here(), times: Bench.times)
            print(Table(measures: try await SourceDelay(fixture: .here()).measure(times: Bench.times) + declaring))
        case (DecodingRun.argument, 1, _): try tell(DecodingRun.measure(words[0]))
        case (Declaring.argument, 1, _): try tell(Declaring.measure(rules: Int(words[0]) ?? 0))
        case (ManyZones.argument, 3, let zones?): try await zones.serve(words[2])
        case (RecordsRun.argument, 4, let zones?):
            try tell(await RecordsRun.measure(zones, url: words[2], address: words[3]))
        default: throw BenchError("there is no part `\(part)` with these arguments")
        }
        return 0
    }

    private static func tell(_ result: some Encodable) throws {
        print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
    }
}

/// To standard error, so that the table is all that is printed.
func say(_ text: String) { writeLine(text, to: STDERR_FILENO) }
