import Model
import Report
import Timing

/// What is counted from the daemon's start, for the metrics.
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
    /// Triggers that needed no run of their own.
    private(set) var coalesced = 0
    private(set) var runs: [Run: Int] = [:]
    private(set) var runSeconds = Histogram()
    private(set) var stageSeconds: [StageReport.Stage: Histogram] = [:]
    /// By outcome.
    private(set) var signals: [String: Int] = [:]
    private(set) var notifications: [Notification: Int] = [:]
    /// Records and certificates that were changed, or could not be.
    private(set) var effects: [Effect: Int] = [:]
    private var reason = Trigger.Kind.startUp

    struct Effect: Hashable {
        let stage: StageReport.Stage
        let outcome: String
    }

    /// A run that many asked for is counted under the first of them.
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
        for stage in report.stages ?? [] { stageSeconds[stage.stage, default: Histogram()].observe(stage.duration) }
        for signal in report.signals { signals[signal.outcome.word, default: 0] += 1 }
        // Records as an earlier run saw them are none of this run's effects.
        if report.reach == .all { note(report.hosts.compactMap(\.record?.outcome), of: .record) }
        note(report.certificates.map(\.outcome), of: .certificate)
    }

    private mutating func note(_ outcomes: [Outcome], of stage: StageReport.Stage) {
        for outcome in outcomes where outcome.isChange || outcome.isFailure {
            effects[Effect(stage: stage, outcome: outcome.word), default: 0] += 1
        }
    }
}

/// How often something took how long.
struct Histogram {
    /// Upper bounds in seconds: from a look at the disk to a certbot that waits for its time to be up.
    static let bounds: [Double] = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

    /// How many were in each, and not in the one before; the last has no upper bound.
    private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    private(set) var sum = 0.0

    var count: Int { counts.reduce(0, +) }

    mutating func observe(_ seconds: Double) {
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }
}
