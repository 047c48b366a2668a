import Model
import Report
import Timing

/// The counters of the metrics, since the daemon's start.
struct Counters {
    var triggers: [Trigger.Kind: Int] = [:]
    var reconnections = 0
    /// Triggers that were merged into the run of another.
    private(set) var coalesced = 0
    /// By reason and outcome.
    private(set) var runs: [[String]: Int] = [:]
    private(set) var runSeconds = Histogram()
    private(set) var stageSeconds: [StageReport.Stage: Histogram] = [:]
    /// By outcome.
    private(set) var signals: [[String]: Int] = [:]
    /// By notifier and outcome.
    private(set) var notifications: [[String]: Int] = [:]
    /// Records and certificates that were changed, or could not be, by stage and outcome.
    private(set) var changes: [[String]: Int] = [:]
    private var reason = Trigger.Kind.startUp

    /// A run of several triggers is counted under the first of them.
    mutating func began(_ cause: RunCause) {
        reason = cause.kinds.first ?? .timer
        coalesced += max(0, cause.triggers - 1)
    }

    mutating func progressed(_ progress: Progress) {
        guard progress.stage == .notify, case .ended(let outcome) = progress.state else { return }
        notifications[[progress.subject, outcome.word], default: 0] += 1
    }

    mutating func ended(_ report: Report) {
        let outcome = report.isClean ? RunSummary.Outcome.success : .failure
        runs[[reason.rawValue, outcome.rawValue], default: 0] += 1
        runSeconds.observe(report.duration)
        for stage in report.stages { stageSeconds[stage.stage, default: Histogram()].observe(stage.duration) }
        for signal in report.signals { signals[[signal.outcome.word], default: 0] += 1 }
        // Records as an earlier run saw them are not changes of this run.
        if report.reach == .all { count(report.hosts.compactMap(\.record?.outcome), of: .record) }
        count(report.certificates.map(\.outcome), of: .certificate)
    }

    private mutating func count(_ outcomes: [Outcome], of stage: StageReport.Stage) {
        for outcome in outcomes where outcome.isChange || outcome.isFailure {
            changes[[stage.rawValue, outcome.word], default: 0] += 1
        }
    }
}

/// A histogram of durations.
struct Histogram {
    /// Upper bounds in seconds: from a read of the disk to a certbot that runs into its time limit.
    static let bounds: [Double] = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

    /// The count of each bucket alone; the last has no upper bound.
    private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    private(set) var sum = 0.0

    mutating func observe(_ seconds: Double) {
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }
}
