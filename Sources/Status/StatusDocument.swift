public import Model
public import Report

/// All that a running Landfall knows of itself and its hosts, at one moment. The page, `landfall status` and the metrics
/// are made from it, so all of them agree.
public struct StatusDocument: Sendable, Codable {
    public let daemon: DaemonStatus
    public let now: Timestamp
    /// Grows with every change that is not a matter of time alone.
    public let revision: Int
    public let engine: EngineConnection
    /// Nil while no run is in progress.
    public let run: LiveRun?
    /// When the next run begins, unless something happens before; nil while none is scheduled.
    public let nextRun: Timestamp?
    /// Sorted by name; nil before the first run has ended.
    public let hosts: [HostStatus]?
    public let addresses: [AddressReport]
    /// Rejected labels.
    public let refusals: [Refusal]
    public let hints: [String]
    /// What hindered the last run as a whole.
    public let problems: [Report.Problem]
    /// Records that wait for a person to confirm their deletion.
    public let deletions: Deletions?
    public let budgets: [RequestBudget]
    /// How much of the certificate authority's limits is used; those of which nothing is are left out.
    public let limits: [RateLimitUsage]
    /// Certificates that are not tried again before some time, after failures.
    public let backoffs: [FailurePause]
    /// The latest first.
    public let runs: [RunSummary]
    /// What a person should look at, a sentence each; empty where everything is healthy.
    public let needsAttention: [String]
    /// Whether there are failures among it, and not only what was refused.
    public let hasFailures: Bool

    private enum CodingKeys: String, CodingKey {
        case daemon, now, revision, engine, run, nextRun, hosts, addresses, refusals, hints, problems, deletions
        case budgets, limits, backoffs, runs, needsAttention = "troubles", hasFailures
    }

    init(
        _ state: StatusState,
        budgets: [RequestBudget],
        limits: [RateLimitUsage],
        backoffs: [FailurePause],
        now: Timestamp
    ) {
        (daemon, self.now, revision, engine) = (state.daemon, now, state.revision, state.engine)
        (run, nextRun, runs, hosts) = (state.run, state.nextRun, state.runs, state.hosts)
        let report = state.report
        (addresses, refusals) = (report?.addresses ?? [], report?.refusals ?? [])
        (hints, problems) = (report?.hints ?? [], report?.problems ?? [])
        deletions = report?.deletions.flatMap { $0.isConfirmed ? nil : $0 }
        (self.budgets, self.limits) = (budgets, limits)
        self.backoffs = backoffs.filter { $0.until > now }
        (needsAttention, hasFailures) = (state.needsAttention, state.hasFailures)
    }
}

/// What holds from the daemon's start to its end.
public struct DaemonStatus: Sendable, Codable, Hashable {
    public let version: String
    public let instance: String
    public let started: Timestamp
    public let isDryRun: Bool
    /// The stages that are switched off.
    public let switchedOff: [String]

    public init(version: String, instance: String, started: Timestamp, isDryRun: Bool, switchedOff: [String]) {
        (self.version, self.instance, self.started) = (version, instance, started)
        (self.isDryRun, self.switchedOff) = (isDryRun, switchedOff)
    }
}

/// The connection to the engine's event stream.
public struct EngineConnection: Sendable, Codable, Hashable {
    public enum State: String, Sendable, Codable { case connecting, following, lost }

    public var state: State
    public var since: Timestamp
    /// `Swarm manager of cluster …`
    public var mode: String?
    public var apiVersion: String?
    /// Why no labels can be read although the engine answers.
    public var obstacle: String?
    /// Why the connection was lost.
    public var reason: String?
}

/// A pause after failures.
public struct FailurePause: Sendable, Codable, Hashable {
    /// The certificate's name under `live/`.
    public let subject: String
    /// How many since the last success.
    public let failures: Int
    public let until: Timestamp
    public let reason: String

    public init(subject: String, failures: Int, until: Timestamp, reason: String) {
        (self.subject, self.failures, self.until, self.reason) = (subject, failures, until, reason)
    }
}
