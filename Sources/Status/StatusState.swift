import Docker
import EventStream
import Model
import Ports
import Report
import Timing

/// What is known of the daemon's work, made of what its observers are told. Pure: times are given to it.
struct StatusState {
    let daemon: DaemonStatus
    private(set) var revision = 0
    private(set) var engine: EngineConnection
    private(set) var run: LiveRun?
    private(set) var nextRun: Timestamp?
    private(set) var runs: [RunSummary]
    private(set) var tally = Counters()
    private(set) var pulse: Liveness
    /// Of the last run.
    private(set) var report: Report?
    private(set) var hosts: [HostStatus]?
    private var histories: [DomainName: HostHistory]
    private var steps: [StepKey: Int] = [:]
    private var lastStep = 0

    private struct StepKey: Hashable {
        let stage: Progress.Stage
        let subject: String
    }

    /// Of one run as many steps are listed.
    private static let listedSteps = 600

    init(_ daemon: DaemonStatus, remembering past: StatusHistory = StatusHistory(), at now: Timestamp, uptime: Duration)
    {
        self.daemon = daemon
        engine = EngineConnection(state: .connecting, since: now)
        (runs, histories) = (past.runs, past.histories)
        pulse = Liveness(since: uptime)
    }

    mutating func take(_ change: ConnectionChange, at now: Timestamp, uptime: Duration) {
        pulse.eventsLookedAfter(at: uptime)
        let before = engine
        switch change {
        case .lookedAfter: return
        case .following(let mode, let version, let obstacle):
            if engine.state == .lost { tally.reconnections += 1 }
            let since = engine.state == .following ? engine.since : now
            engine = EngineConnection(
                state: .following,
                since: since,
                mode: mode.description,
                apiVersion: version.description,
                obstacle: obstacle
            )
        case .lost(let reason):
            let since = engine.state == .lost ? engine.since : now
            engine = EngineConnection(
                state: .lost,
                since: since,
                mode: engine.mode,
                apiVersion: engine.apiVersion,
                reason: sanitized(reason)
            )
        }
        if engine != before { revision += 1 }
    }

    mutating func triggered(_ trigger: Trigger) {
        tally.triggers[trigger.kind, default: 0] += 1
    }

    mutating func waiting(until time: Timestamp, uptime: Duration) {
        pulse.waiting(until: uptime)
        let isNews = nextRun.map { abs($0.seconds - time.seconds) > 1 } ?? true
        nextRun = time
        if isNews { revision += 1 }
    }

    mutating func began(_ cause: RunCause, at now: Timestamp, uptime: Duration) {
        pulse.began(at: uptime)
        tally.began(cause)
        (run, nextRun, steps) = (LiveRun(cause, at: now), nil, [:])
        revision += 1
    }

    /// The step as it stands now; nil where it is none of a run's, or not listed.
    @discardableResult
    mutating func progressed(_ progress: Progress, at now: Timestamp, uptime: Duration) -> LiveStep? {
        pulse.progressed(at: uptime)
        tally.progressed(progress)
        guard var run, progress.stage != .notify else { return nil }
        defer { self.run = run }
        if case .ended = progress.state { run.ended += 1 }
        let key = StepKey(stage: progress.stage, subject: progress.subject)
        let index = steps[key] ?? run.steps.count
        guard index < Self.listedSteps else { return nil }
        let isKnown = index < run.steps.count
        lastStep += 1
        let since = isKnown ? run.steps[index].since : now
        let step = LiveStep(progress, number: lastStep, since: since, now: now)
        if isKnown { run.steps[index] = step } else { run.steps.append(step) }
        steps[key] = index
        return step
    }

    mutating func ended(_ report: Report, uptime: Duration) -> StatusHistoryChange {
        pulse.ended(at: uptime)
        tally.ended(report)
        let summary = RunSummary(report, number: (runs.first?.number ?? 0) + 1)
        runs = Array(([summary] + runs).prefix(StatusHistory.runs))
        let before = histories
        // A run that could not look at the labels says nothing of the hosts.
        if !report.problems.contains(where: { $0.stage == Progress.Stage.discover.rawValue }) {
            let survey = HostStatusBuilder(report, histories)
            (hosts, histories) = (survey.hosts, survey.histories)
        }
        (self.report, run, steps) = (report, nil, [:])
        revision += 1
        return StatusHistoryChange(summary, from: before, to: histories)
    }
}
