import System
import Glibc
import Log
import Sandbox

/// `landfall-sandbox`: the private sandbox of demo and tests.
@main
struct Command {
    private static let endings: [Int32] = [SIGINT, SIGTERM, SIGHUP]

    /// Not async: the signals must be blocked in the main thread, before it has started any other.
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        CurrentProcess.blockSignals(endings)
        // Detached, for the main actor's thread does nothing but wait for signals.
        let command = Task.detached {
            let status = await run(Array(CommandLine.arguments.dropFirst()))
            // Not exit(3): its destructors would race with threads that still serve.
            fflush(nil)
            _exit(status)
        }
        while true {
            _ = CurrentProcess.waitForSignal(endings)
            command.cancel()
        }
    }

    /// - Returns: the exit status: 0 done, 1 failed, 2 asked wrongly, 130 interrupted; `exec` gives its program's.
    private static func run(_ arguments: [String]) async -> Int32 {
        do {
            return try await Invocation(arguments).run()
        } catch let error as UsageError {
            say("landfall-sandbox: \(error)")
            return 2
        } catch SandboxError.cancelled {
            return 130
        } catch {
            if Task.isCancelled { return 130 }
            say("landfall-sandbox: \(error)")
            return 1
        }
    }
}

/// Writes to standard error, so that standard output has the results of commands only.
func say(_ text: String) { writeLine(text, to: STDERR_FILENO) }
