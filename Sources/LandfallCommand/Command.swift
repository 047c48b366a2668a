import Daemon
import Glibc

/// `landfall`: arguments → subcommand → exit status.
@main
struct Command {
    static func main() {
        // Before any other thread exists, and so before anything asynchronous.
        SystemSignal.block()
        let arguments = Array(CommandLine.arguments.dropFirst())
        Task.detached {
            let status = await dispatch(arguments)
            // Not exit(3): its destructors would race with threads that still serve.
            _exit(status)
        }
        while true { pause() }
    }
}
