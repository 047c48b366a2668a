import Docker
import EventStream
import Model
import Ports
import Report
import Timing

/// The state behind the status page: a reducer over what the daemon's observers report. Pure: times are parameters.
struct StatusState {
    let daemon: DaemonStatus
    private(set) var revision = 0
    private(set) var engine: EngineConnection
    private(set) var run: LiveRun?
    private(set) var nextRun: Timestamp?
    private(set) var runs: [RunSummary]
    private(set) var counters = Counters()
    private(set) var liveness: Liveness
    /// The last run's.
    private(set) var report: Report?
    /// Sorted by name.
    private(set) var silentNotifiers: [SilentNotifier] = []
    private(set) var hosts: [HostStatus]?
    private var histories: [DomainName: HostHistory]
    private var steps: [StepKey: Int] = [:]
    private var lastStep = 0

    private struct StepKey: Hashable {
        let stage: Progress.Stage
        let subject: String
    }

    /// How many steps of one run are listed.
    private static let stepLimit = 600

    init(_ daemon: DaemonStatus, history: StatusHistory = StatusHistory(), at now: Timestamp, uptime: Duration) {
        self.daemon = daemon
        engine = EngineConnection(state: .connecting, since: now)
        (runs, histories) = (history.runs, history.hosts)
        liveness = Liveness(since: uptime)
    }

    mutating func connectionChanged(_ change: ConnectionChange, at now: Timestamp, uptime: Duration) {
        liveness.eventsChecked(at: uptime)
        let before = engine
        switch change {
        case .checked: return
        case .following(let mode, let version, let unreadableReason):
            if engine.state == .lost { counters.reconnections += 1 }
            (engine.state, engine.unreadableReason, engine.reason) = (.following, unreadableReason, nil)
            (engine.mode, engine.apiVersion) = (mode.description, version.description)
        case .lost(let reason):
            (engine.state, engine.unreadableReason, engine.reason) = (.lost, nil, sanitized(reason))
        }
        if engine.state != before.state { engine.since = now }
        if engine != before { revision += 1 }
    }

    mutating func triggered(_ trigger: Trigger) { counters.triggers[trigger.kind, default: 0] += 1 }

    mutating func waiting(until time: Timestamp, uptime: Duration) {
        liveness.waiting(until: uptime)
        let isChange = nextRun.map { abs($0.seconds - time.seconds) > 1 } ?? true
        nextRun = time
        if isChange { revision += 1 }
    }

    mutating func began(_ cause: RunCause, at now: Timestamp, uptime: Duration) {
        liveness.began(at: uptime)
        counters.began(cause)
        (run, nextRun, steps) = (LiveRun(cause, at: now), nil, [:])
        revision += 1
    }

    /// The step as it is now; nil where it belongs to no run, or is not listed.
    @discardableResult
    mutating func progressed(_ progress: Progress, at now: Timestamp, uptime: Duration) -> LiveStep? {
        liveness.progressed(at: uptime)
        counters.progressed(progress)
        guard progress.stage != .notify else {
            if case .ended(let outcome) = progress.state { delivered(outcome, by: progress.subject, at: now) }
            return nil
        }
        guard var run else { return nil }
        defer { self.run = run }
        if case .ended = progress.state { run.ended += 1 }
        let key = StepKey(stage: progress.stage, subject: progress.subject)
        let index = steps[key] ?? run.steps.count
        guard index < Self.stepLimit else { return nil }
        let isKnown = index < run.steps.count
        lastStep += 1
        let since = isKnown ? run.steps[index].since : now
        let step = LiveStep(progress, number: lastStep, since: since, now: now)
        if isKnown { run.steps[index] = step } else { run.steps.append(step) }
        steps[key] = index
        return step
    }

    private mutating func delivered(_ outcome: Outcome, by notifier: String, at now: Timestamp) {
        let known = silentNotifiers.firstIndex { $0.notifier == notifier }
        switch (outcome.isChange ? nil : outcome.detail, known) {
        case (let reason?, let index?): silentNotifiers[index].reason = reason
        case (let reason?, nil):
            silentNotifiers.append(SilentNotifier(notifier: notifier, reason: reason, since: now))
            silentNotifiers.sort { $0.notifier < $1.notifier }
            revision += 1
        case (nil, let index?):
            silentNotifiers.remove(at: index)
            revision += 1
        case (nil, nil): break
        }
    }

    mutating func ended(_ report: Report, uptime: Duration) -> StatusHistoryChange {
        liveness.ended(at: uptime)
        counters.ended(report)
        let summary = RunSummary(report, number: max(0, runs.first?.number ?? 0).saturatingAdding(1))
        runs = Array(([summary] + runs).prefix(StatusHistory.runLimit))
        let before = histories
        // A run that could not read the labels knows nothing of the hosts.
        if !report.problems.contains(where: { $0.stage == Progress.Stage.discover.rawValue }) {
            let built = HostStatusBuilder(report, histories)
            (hosts, histories) = (built.hosts, built.histories)
        }
        (self.report, run, steps) = (report, nil, [:])
        revision += 1
        return StatusHistoryChange(summary, from: before, to: histories)
    }
}

extension StatusState {
    var hasFailures: Bool {
        engine.state == .lost || engine.unreadableReason != nil || report?.problems.isEmpty == false
            || hosts?.contains { $0.health == .failed } == true || !silentNotifiers.isEmpty
            || report?.secrets.contains(where: \.outcome.isFailure) == true
    }

    /// A sentence for each part that needs attention.
    var needsAttention: [String] {
        func count(_ health: HostStatus.Health) -> Int { hosts?.count { $0.health == health } ?? 0 }
        return [
            engine.state == .lost ? "Docker is unreachable: \(engine.reason ?? "no answer")." : nil,
            engine.unreadableReason.map { "\($0.prefix(1).uppercased())\($0.dropFirst())." },
            sentence(count(.failed), "host has failed", "hosts have failed"),
            sentence(count(.refused), "host is refused", "hosts are refused"),
            sentence(report?.refusals.count ?? 0, "label is rejected", "labels are rejected"),
            report?.problems.isEmpty ?? true ? nil : "The last run could not read everything.",
            sentence(
                report?.secrets.count(where: \.isProblem) ?? 0,
                "service lacks a certificate as a secret",
                "services lack certificates as secrets"
            ),
            report?.deletions.map(\.isConfirmed) == false ? "Deletions wait for your confirmation." : nil,
        ].compactMap(\.self) + silentNotifiers.map { "The notifier \($0.notifier) takes no notices: \($0.reason)." }
    }

    private func sentence(_ count: Int, _ one: String, _ many: String) -> String? {
        count == 0 ? nil : "\(count) \(count == 1 ? one : many)."
    }
}

/// Whether the daemon's loops are running. Nothing outside is asked, so a provider that is down makes no daemon unhealthy.
/// Pure; times are the clock's `uptime`.
struct Liveness {
    private enum Runs {
        case idle(since: Duration)
        case waiting(until: Duration)
        case running(lastProgress: Duration)
    }

    /// A timer is late on a busy machine, but not this late.
    private static let latenessLimit = Duration.seconds(120)
    /// The longest that a run goes without any progress: certbot takes minutes, and other orders wait for it.
    private static let silenceLimit = Duration.seconds(3600)
    /// The event stream waits at most half a minute between two tries, each of which has a time limit.
    private static let eventsLimit = Duration.seconds(600)

    private var runs: Runs
    private var eventsChecked: Duration

    init(since now: Duration) { (runs, eventsChecked) = (.idle(since: now), now) }

    mutating func eventsChecked(at now: Duration) { eventsChecked = now }
    mutating func waiting(until time: Duration) { runs = .waiting(until: time) }
    mutating func began(at now: Duration) { runs = .running(lastProgress: now) }
    mutating func progressed(at now: Duration) { if case .running = runs { began(at: now) } }
    mutating func ended(at now: Duration) { runs = .idle(since: now) }

    /// Which loop is stuck; nil when none is.
    func unhealthyReason(at now: Duration) -> String? {
        switch runs {
        case .idle(let since) where now - since > Self.latenessLimit: "no run is scheduled"
        case .waiting(let time) where now - time > Self.latenessLimit: "a run is due but has not started"
        case .running(let last) where now - last > Self.silenceLimit: "a run is making no progress"
        default: now - eventsChecked > Self.eventsLimit ? "Docker's events are not being watched" : nil
        }
    }
}
