import FoundationEssentials
import Glibc
import Timing

/// A time limit that lasts longer on a busy machine.
///
/// Tests, demo and bench wait for real programs, and those are slow when others want the processors too. So a limit is
/// spent at the pace at which the machine gets work done: while three times as many threads want to run as there are
/// cores, a second costs a third of a second. A condition that never holds still fails, after ten times the limit at most.
package struct TimeBudget: Sendable {
    private var left: Duration
    private var last: Duration

    package init(_ limit: Duration, at uptime: Duration) { (left, last) = (limit, uptime) }

    /// Spends the time since the last call; returns whether any is left.
    package mutating func spend(until uptime: Duration, slowdown: Double = MachineLoad.slowdown) -> Bool {
        left -= (uptime - last) / slowdown
        last = uptime
        return left > .zero
    }
}

/// How busy this machine is.
package enum MachineLoad {
    package static let greatestSlowdown = 10.0

    /// How many threads want each core, now or over the last minute, whichever is more; between 1 and 10.
    package static var slowdown: Double {
        let text = FileManager.default.contents(atPath: "/proc/loadavg").map { String(decoding: $0, as: UTF8.self) }
        return slowdown(loadAverage: text ?? "", cores: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// - Parameter loadAverage: `/proc/loadavg`, as proc_loadavg(5) has it: `1.00 1.38 1.05 3/182 15181`.
    package static func slowdown(loadAverage: String, cores: Int) -> Double {
        let fields = loadAverage.split(separator: " ")
        guard fields.count > 3, let average = Double(fields[0]),
            let runnable = Double(fields[3].prefix { $0 != "/" })
        else { return 1 }
        return min(max(max(average, runnable) / Double(cores), 1), greatestSlowdown)
    }
}
