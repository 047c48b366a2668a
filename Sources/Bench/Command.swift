import CSystem
import Files
import FoundationEssentials
import Glibc
import Log
import Sandbox

/// `landfall-bench`: measures Landfall in a sandbox's world, which `landfall-sandbox exec` provides, and prints a table.
/// `landfall-bench decode FILE` is the part of it that needs a process of its own.
@main
struct Command {
    private static let endings: [Int32] = [SIGINT, SIGTERM, SIGHUP]

    /// Not async: the signals must be blocked in the main thread, before it has started any other.
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        unsafe endings.withUnsafeBufferPointer { unsafe landfall_block_signals($0.baseAddress, Int32($0.count)) }
        let bench = Task.detached { exit(await run()) }
        while true {
            _ = unsafe endings.withUnsafeBufferPointer { unsafe landfall_wait_signal($0.baseAddress, Int32($0.count)) }
            bench.cancel()
        }
    }

    /// - Returns: the exit status: 0 measured, 1 failed, 130 interrupted. A target that was missed is no failure.
    private static func run() async -> Int32 {
        do {
            let arguments = CommandLine.arguments.dropFirst()
            if arguments.count == 2, arguments.first == DecodingRun.argument {
                let run = try DecodingRun.measure(arguments[2])
                print(String(decoding: try JSONEncoder().encode(run), as: UTF8.self))
                return 0
            }
            let stand = try Stand.here()
            let table = try await Bench(stand).run()
            print(table)
            return 0
        } catch {
            if Task.isCancelled { return 130 }
            say("landfall-bench: \(error)")
            return 1
        }
    }
}

/// To standard error, so that the table is all that is printed.
func say(_ text: String) {
    writeLine(text, to: STDERR_FILENO)
}
