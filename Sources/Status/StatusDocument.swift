public import Model
public import Report

/// All that a Landfall at work knows of itself and its hosts, at one moment. The page, `landfall status` and the metrics
/// are made from it, so all of them say the same.
public struct StatusDocument: Sendable, Codable {
    public let daemon: DaemonStatus
    public let now: Timestamp
    /// Grows whenever something in here changed that is not a matter of time alone.
    public let revision: Int
    public let engine: EngineConnection
    /// Nil while no run is going on.
    public let run: LiveRun?
    /// When the next run begins, unless something happens before; nil while none is waited for.
    public let nextRun: Timestamp?
    /// Sorted by name; nil before the first run has ended.
    public let hosts: [HostStatus]?
    public let addresses: [AddressReport]
    /// Labels that are not followed.
    public let refusals: [Refusal]
    public let hints: [String]
    /// What hindered the last run as a whole.
    public let problems: [Report.Problem]
    /// Records that wait for a person to confirm their deletion.
    public let deletions: Deletions?
    public let budgets: [RequestBudget]
    /// Of the certificate authority's limits, how much is used of those of which anything is.
    public let limits: [RateLimitUsage]
    /// What is not tried again before some time, after failures.
    public let backoffs: [FailurePause]
    /// The latest first.
    public let runs: [RunSummary]
    /// How it stands with the whole, a sentence each; empty where nothing needs a person's look.
    public let troubles: [String]
    /// Whether there is more among them than what was refused: that waits for a person, and is no failure.
    public let hasFailures: Bool
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

/// Whether the engine's events are followed.
public struct EngineConnection: Sendable, Codable, Hashable {
    public enum State: String, Sendable, Codable { case connecting, following, lost }

    public var state: State
    public var since: Timestamp
    /// `Swarm manager of cluster …`
    public var mode: String?
    public var apiVersion: String?
    /// Why no labels can be read although it answers.
    public var obstacle: String?
    /// Why it was lost.
    public var reason: String?
}

/// What failed and is not tried again before some time.
public struct FailurePause: Sendable, Codable, Hashable {
    /// The certificate's name under `live/`.
    public let subject: String
    /// Since the last success.
    public let failures: Int
    public let until: Timestamp
    public let reason: String

    public init(subject: String, failures: Int, until: Timestamp, reason: String) {
        (self.subject, self.failures, self.until, self.reason) = (subject, failures, until, reason)
    }
}
