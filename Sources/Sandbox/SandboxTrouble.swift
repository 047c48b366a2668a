import CSystem
import Glibc
import Model

/// Making trouble: what befalls an engine on a real machine.
extension Sandbox {
    /// Kills the engine as `kill -9` does. It is started anew at once, as an init system does it.
    public func killEngine() async throws(SandboxError) {
        let killed = try engine()
        try TextFile.write("", to: folder.engineRestart)
        await killed.end()
        guard !killed.isAlive() else { throw .part("engine", reason: "it could not be killed") }
    }

    /// Stops the engine as SIGSTOP does: its socket still takes connections, and nothing ever comes.
    public func stopEngine() throws(SandboxError) { try signalEngine(SIGSTOP) }

    /// Lets a stopped engine go on.
    public func resumeEngine() throws(SandboxError) { try signalEngine(SIGCONT) }

    private func signalEngine(_ signal: Int32) throws(SandboxError) {
        let descriptor = landfall_pidfd_open(try engine().pid)
        defer { close(descriptor) }
        guard landfall_pidfd_signal(descriptor, signal) == 0 else {
            throw .part("engine", reason: "signal \(signal) did not reach it: \(systemErrorText(errno))")
        }
    }

    private func engine() throws(SandboxError) -> ProcessIdentity {
        guard isRunning, let pid = TextFile.read(folder.enginePID).flatMap({ pid_t($0.trimmed) }),
            let engine = ProcessIdentity.current(pid)
        else { throw .notRunning(folder.path) }
        return engine
    }
}
