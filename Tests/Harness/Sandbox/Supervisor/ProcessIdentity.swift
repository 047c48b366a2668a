import System
import Files
import Glibc
import Model
import Ports
import Threads

/// One process and no other: its number, when it started, and since which boot of the machine; a number alone comes back
/// for a process of another program.
struct ProcessIdentity: Hashable, Sendable {
    let pid: pid_t
    /// In clock ticks since the boot (proc_pid_stat(5), field 22).
    let started: UInt64
    let boot: String

    /// Nil for a zombie too, which only waits for its parent to take notice.
    /// - Parameter text: `/proc/sys/kernel/random/boot_id`, a newline, and `/proc/PID/stat`.
    init?(_ text: String) {
        let lines = text.split(separator: "\n")
        guard lines.count == 2 else { return nil }
        // The program's name is in parentheses and may hold both spaces and parentheses; the third field follows it.
        guard let name = lines[1].lastIndex(of: ")") else { return nil }
        let fields = lines[1][lines[1].index(after: name)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", let started = UInt64(fields[19]),
            let pid = pid_t(lines[1].prefix { $0.isNumber })
        else { return nil }
        (self.pid, self.started, boot) = (pid, started, String(lines[0]))
    }

    /// The process that has this number now.
    /// - Parameter processes: the /proc whose numbers count.
    static func current(_ pid: pid_t, in processes: String = "/proc") -> ProcessIdentity? {
        guard let boot = TextFile.read("/proc/sys/kernel/random/boot_id"),
            let stat = TextFile.read("\(processes)/\(pid)/stat")
        else { return nil }
        return ProcessIdentity("\(boot)\n\(stat)")
    }

    /// The process whose identity a file tells.
    static func recorded(in file: String) -> ProcessIdentity? {
        TextFile.read(file).flatMap { ProcessIdentity($0) }
    }

    /// Whether it lives. One that cannot be seen counts as living: a sandbox must not be taken for the remains of one
    /// only because the caller has no descriptor left to open it.
    /// - Parameter processes: the /proc whose numbers count.
    func isAlive(in processes: String = "/proc") -> Bool {
        guard let now = TextFile.read("/proc/sys/kernel/random/boot_id") else { return true }
        do {
            let stat = try SystemFiles().read("\(processes)/\(pid)/stat", limit: 4096, for: .run)
            return ProcessIdentity("\(now)\n\(String(decoding: stat, as: UTF8.self))") == self
        } catch .missing {
            return false
        } catch {
            return true
        }
    }

    /// Ends the process with SIGKILL, and returns once it has ended.
    func end() async {
        let descriptor = ChildProcess.descriptor(of: pid)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Asked after the descriptor was opened: what it holds is then known to be the recorded process.
        guard isAlive() else { return }
        guard ChildProcess.signal(descriptor, SIGKILL) else { return }
        try? await blocking(named: "end \(pid)") {
            var ended = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while unsafe poll(&ended, 1, -1) < 0 && errno == EINTR {}
        }
    }
}
