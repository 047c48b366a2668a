import Files
import Model
import Ports

/// What the kernel tells of a running process (proc(5)).
struct ProcessFigures {
    /// Bytes.
    let resident: Int
    /// Bytes: the most that was ever resident.
    let peak: Int
    /// Bytes, those shared with other processes in part.
    let proportional: Int
    /// Bytes that no file holds: heap and stacks.
    let anonymous: Int
    let threads: Int
    /// User and system time in clock ticks, a hundredth of a second each.
    let ticks: Int

    init(of pid: Int) throws {
        let status = try Self.fields("/proc/\(pid)/status")
        let memory = try Self.fields("/proc/\(pid)/smaps_rollup")
        resident = (status["VmRSS"] ?? 0) << 10
        peak = (status["VmHWM"] ?? 0) << 10
        proportional = (memory["Pss"] ?? 0) << 10
        anonymous = (memory["Anonymous"] ?? 0) << 10
        threads = status["Threads"] ?? 0
        let stat = try Self.text("/proc/\(pid)/stat")
        // The program's name is in parentheses and may hold spaces; what follows it begins with the third field.
        let times = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        ticks = times.count > 13 ? (Int(times[12]) ?? 0) + (Int(times[13]) ?? 0) : 0
    }

    /// `Name: number unit` lines.
    private static func fields(_ path: String) throws -> [String: Int] {
        let pairs = try text(path).split(separator: "\n").compactMap { line -> (String, Int)? in
            let words = line.split(whereSeparator: { $0 == ":" || $0.isWhitespace })
            guard words.count > 1, let number = Int(words[1]) else { return nil }
            return (String(words[0]), number)
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try SystemFiles().read(path, limit: 1 << 20, for: .run), as: UTF8.self)
    }
}
