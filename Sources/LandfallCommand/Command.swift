import Daemon
import Glibc

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
