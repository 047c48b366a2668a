import System
import Files
import Glibc
import Model
import Polling
import Ports

/// Outages of an engine, as they happen on real machines.
extension Sandbox {
    /// Kills the engine as `kill -9` does. The sandbox starts it again at once, as an init system does.
    package func killEngine(ofNode node: Int = 1) async throws(SandboxError) { try await endEngine(node, SIGKILL) }

    /// Lets the engine shut down in its own time, and starts it again.
    package func restartEngine(ofNode node: Int = 1) async throws(SandboxError) { try await endEngine(node, SIGTERM) }

    /// Stops the engine with SIGSTOP: its socket still accepts connections, but nothing answers. Returns once all of its
    /// threads have stopped.
    package func stopEngine(ofNode node: Int = 1) async throws(SandboxError) {
        let engine = try engine(node)
        try signal(engine, SIGSTOP)
        try await Poller(clock: clock).wait(for: "the engine to stop", within: .seconds(30)) { engine.isStopped }
    }

    /// Continues a stopped engine.
    package func resumeEngine(ofNode node: Int = 1) throws(SandboxError) { try signal(try engine(node), SIGCONT) }

    private func endEngine(_ node: Int, _ number: Int32) async throws(SandboxError) {
        let engine = try engine(node)
        try TextFile.write("", to: EngineFiles(folder, node: node).restart)
        try signal(engine, number)
        try await Poller(clock: clock).wait(for: "the engine to end", within: .seconds(60)) { !engine.isAlive() }
    }

    private func signal(_ engine: ProcessIdentity, _ number: Int32) throws(SandboxError) {
        let descriptor = ChildProcess.descriptor(of: engine.pid)
        defer { close(descriptor) }
        guard ChildProcess.signal(descriptor, number) else {
            throw .part("engine", reason: "signal \(number) did not reach it: \(systemErrorText(errno))")
        }
    }

    private func engine(_ node: Int) throws(SandboxError) -> ProcessIdentity {
        guard isRunning, let pid = TextFile.read(EngineFiles(folder, node: node).pid).flatMap({ pid_t($0.trimmed) }),
            let engine = ProcessIdentity.current(pid)
        else { throw .notRunning(folder.path) }
        return engine
    }
}

extension ProcessIdentity {
    /// Whether all of its threads are stopped.
    fileprivate var isStopped: Bool {
        let threads = (try? SystemFiles().list("/proc/\(pid)/task", for: .run)) ?? []
        return !threads.isEmpty
            && threads.allSatisfy { thread in
                let stat = TextFile.read("/proc/\(pid)/task/\(thread)/stat") ?? ""
                // The state follows the program's name, which may contain parentheses.
                return stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].hasPrefix(") T")
            }
    }
}
