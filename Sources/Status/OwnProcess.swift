import Files
import Glibc
import Model
import Ports
import System

/// The kernel's figures of this process (proc(5)), in the units of the metrics.
struct OwnProcess: Sendable {
    var cpuSeconds = 0.0
    var residentBytes = 0
    var virtualBytes = 0
    var threads = 0
    /// Seconds since 1970.
    var startSeconds = 0.0
    var openDescriptors = 0
    var descriptorLimit = 0

    /// Zero where the kernel has no figure.
    init() {
        readUsage()
        readDescriptors()
    }

    private mutating func readUsage() {
        let stat = Self.text("/proc/self/stat")
        // The program's name is in parentheses and may hold spaces; the third field follows it.
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ").dropFirst()
        let values = fields.map { Double($0) ?? 0 }
        guard values.count > 21 else { return }
        let tick = Double(sysconf(Int32(_SC_CLK_TCK)))
        cpuSeconds = (values[11] + values[12]) / tick
        threads = Int(values[17])
        virtualBytes = Int(values[20])
        residentBytes = Int(values[21]) * Int(sysconf(Int32(_SC_PAGESIZE)))
        let boot = Self.text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        startSeconds = (boot.flatMap { Double($0.dropFirst("btime ".count)) } ?? 0) + values[19] / tick
    }

    private mutating func readDescriptors() {
        descriptorLimit = CurrentProcess.descriptorLimit ?? 0
        // Without the folder itself, which is open while it is read.
        openDescriptors = max(0, ((try? SystemFiles().list("/proc/self/fd", for: .run)) ?? []).count - 1)
    }

    private static func text(_ path: String) -> String {
        String(decoding: (try? SystemFiles().read(path, limit: 1 << 20, for: .run)) ?? [], as: UTF8.self)
    }
}
