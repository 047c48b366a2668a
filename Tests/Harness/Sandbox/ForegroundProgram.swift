import Glibc
import Model
import Synchronization
import Threads

/// A program that takes the sandbox's place at the terminal: it has its input and output, and its Ctrl-C.
package struct ForegroundProgram: Sendable {
    private let arguments: [String]
    private let environment: [String: String]

    package init(_ arguments: [String], environment: [String: String]) {
        (self.arguments, self.environment) = (arguments, environment)
    }

    /// Runs it to its end; cancellation ends it with SIGTERM.
    /// - Returns: its exit status, or 128 and the signal as shells have it.
    package func run() async throws(SandboxError) -> Int32 {
        let pid = try spawn()
        let live = Mutex<pid_t?>(pid)
        let status: Int32? = await withTaskCancellationHandler {
            try? await blocking(named: "child \(pid)") {
                // Waited for without reaping first, so that a cancellation never hits a later process of this number.
                var information = unsafe siginfo_t()
                while unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
                live.withLock { $0 = nil }
                var status: Int32 = 0
                while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
                let signal = status & 0x7F
                return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
            }
        } onCancel: {
            live.withLock { pid in if let pid { kill(pid, SIGTERM) } }
        }
        guard let status else {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw .program(arguments[0], said: "the system refuses a thread to watch it")
        }
        return status
    }

    private func spawn() throws(SandboxError) -> pid_t {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        var ignored = sigset_t()
        unsafe sigemptyset(&ignored)
        unsafe sigaddset(&ignored, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &ignored)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let envp = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            unsafe argv.forEach { unsafe free($0) }
            unsafe envp.forEach { unsafe free($0) }
        }
        var pid: pid_t = 0
        let code = unsafe posix_spawnp(&pid, arguments[0], nil, &attributes, argv, envp)
        guard code == 0 else { throw .program(arguments[0], said: systemErrorText(code)) }
        return pid
    }
}
