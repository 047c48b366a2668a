import Files
import Glibc
import Model
import Ports

/// The certbot that called this program as its hook.
enum CallingCertbot {
    /// A shell may stand between the two, and a script in between as well.
    private static let furthest = 4

    /// Lets it end itself, by SIGTERM: it has its challenges taken back first.
    static func end() {
        var pid = getppid()
        for _ in 0..<furthest where pid > 1 {
            if isCertbot(pid) {
                kill(pid, SIGTERM)
                return
            }
            pid = parent(of: pid)
        }
    }

    /// Python is the program, and certbot its argument.
    private static func isCertbot(_ pid: pid_t) -> Bool {
        read(pid, "cmdline").split(separator: "\0").prefix(3)
            .contains { $0.split(separator: "/").last?.hasPrefix("certbot") == true }
    }

    /// The second field after the program's name, which stands in brackets and may hold anything (proc(5)).
    private static func parent(of pid: pid_t) -> pid_t {
        let fields = read(pid, "stat").split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 1 ? pid_t(fields[1]) ?? 0 : 0
    }

    private static func read(_ pid: pid_t, _ file: String) -> String {
        let bytes = try? SystemFiles().read("/proc/\(pid)/\(file)", limit: 64 << 10, for: .run)
        return String(decoding: bytes ?? [], as: UTF8.self)
    }
}
