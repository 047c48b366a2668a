import Model
import Report
import Timing

/// The counters of the metrics, since the daemon's start.
struct Counters {
    struct Run: Hashable {
        let reason: Trigger.Kind
        let outcome: RunSummary.Outcome
    }

    struct Notification: Hashable {
        let notifier: String
        let outcome: String
    }

    var triggers: [Trigger.Kind: Int] = [:]
    var reconnections = 0
    /// Triggers that were merged into the run of another.
    private(set) var coalesced = 0
    private(set) var runs: [Run: Int] = [:]
    private(set) var runSeconds = Histogram()
    private(set) var stageSeconds: [StageReport.Stage: Histogram] = [:]
    private(set) var signals: [String: Int] = [:]
    private(set) var notifications: [Notification: Int] = [:]
    /// Records and certificates that were changed, or could not be.
    private(set) var changes: [Change: Int] = [:]
    private var reason = Trigger.Kind.startUp

    struct Change: Hashable {
        let stage: StageReport.Stage
        let outcome: String
    }

    /// A run of several triggers is counted under the first of them.
    mutating func began(_ cause: RunCause) {
        reason = cause.kinds.first ?? .timer
        coalesced += max(0, cause.triggers - 1)
    }

    mutating func progressed(_ progress: Progress) {
        guard progress.stage == .notify, case .ended(let outcome) = progress.state else { return }
        notifications[Notification(notifier: progress.subject, outcome: outcome.word), default: 0] += 1
    }

    mutating func ended(_ report: Report) {
        runs[Run(reason: reason, outcome: report.isClean ? .success : .failure), default: 0] += 1
        runSeconds.observe(report.duration)
        for stage in report.stages { stageSeconds[stage.stage, default: Histogram()].observe(stage.duration) }
        for signal in report.signals { signals[signal.outcome.word, default: 0] += 1 }
        // Records as an earlier run saw them are not changes of this run.
        if report.reach == .all { count(report.hosts.compactMap(\.record?.outcome), of: .record) }
        count(report.certificates.map(\.outcome), of: .certificate)
    }

    private mutating func count(_ outcomes: [Outcome], of stage: StageReport.Stage) {
        for outcome in outcomes where outcome.isChange || outcome.isFailure {
            changes[Change(stage: stage, outcome: outcome.word), default: 0] += 1
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

    var count: Int { counts.reduce(0, +) }

    mutating func observe(_ seconds: Double) {
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }
}
