package import Model
package import Report

/// What a running Landfall knows about itself and its hosts. The page, `landfall status` and the metrics are made from it.
package struct StatusDocument: Sendable, Codable {
    package let daemon: DaemonStatus
    package let now: Timestamp
    /// Grows with every change that is not a matter of time alone.
    package let revision: Int
    package let engine: EngineConnection
    /// Nil while no run is in progress.
    package let run: LiveRun?
    /// When the next run begins, unless something happens before; nil while none is scheduled.
    package let nextRun: Timestamp?
    /// Sorted by name; nil before the first run has ended.
    package let hosts: [HostStatus]?
    /// How the records of each view are.
    package let records: [RecordCount]
    package let addresses: [AddressReport]
    package let refusals: [Refusal]
    package let hints: [String]
    /// Every service that requests certificates as secrets.
    package let secrets: [SecretReport]
    /// Notifiers that do not take notices, by name.
    package let silentNotifiers: [SilentNotifier]
    /// Of the last run as a whole.
    package let problems: [Report.Problem]
    /// Those that wait for confirmation.
    package let deletions: Deletions?
    package let budgets: [RequestBudget]
    /// The certificate authority's limits of which anything is used.
    package let limits: [RateLimitUsage]
    /// Certificates that are not tried again before some time, after failures.
    package let backoffs: [FailurePause]
    /// The latest first.
    package let runs: [RunSummary]
    /// What a person should look at, a sentence each; empty where everything is healthy.
    package let needsAttention: [String]
    /// Whether there are failures among it, and not only what was refused.
    package let hasFailures: Bool

    private enum CodingKeys: String, CodingKey {
        case daemon, now, revision, engine, run, nextRun, hosts, records, addresses, refusals, hints, secrets,
            silentNotifiers
        case problems, deletions
        case budgets, limits, backoffs, runs, needsAttention = "troubles", hasFailures
    }

    init(_ state: StatusState, _ sources: StatusHub.Sources, now: Timestamp) {
        (daemon, self.now, revision, engine) = (state.daemon, now, state.revision, state.engine)
        (run, nextRun, runs, hosts) = (state.run, state.nextRun, state.runs, state.hosts)
        let report = state.report
        records = RecordCount.all(of: report?.records ?? [])
        (addresses, refusals) = (report?.addresses ?? [], report?.refusals ?? [])
        (hints, problems) = ((report?.hints ?? []).map(\.text), report?.problems ?? [])
        (secrets, silentNotifiers) = (report?.secrets ?? [], state.silentNotifiers)
        deletions = report?.deletions.flatMap { $0.isConfirmed ? nil : $0 }
        (budgets, limits) = (sources.budgets(), sources.limits())
        backoffs = sources.backoffs().filter { $0.until > now }
        (needsAttention, hasFailures) = (state.needsAttention, state.hasFailures)
    }
}

/// How many records of a view ended a run alike.
package struct RecordCount: Sendable, Codable, Hashable {
    package let view: View
    /// `unchanged`, `changed`, `refused` or `failed`
    package let outcome: String
    package let count: Int

    /// Sorted; none where there are no records.
    static func all(of records: [RecordReport]) -> [RecordCount] {
        let groups = Dictionary(grouping: records) { [($0.view ?? .public).rawValue, $0.outcome.word] }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.compactMap { key, records in
            View(rawValue: key[0]).map { RecordCount(view: $0, outcome: key[1], count: records.count) }
        }
    }
}

/// What holds from the daemon's start to its end.
package struct DaemonStatus: Sendable, Codable, Hashable {
    package let version: String
    package let instance: String
    package let started: Timestamp
    package let isDryRun: Bool
    /// The stages that are switched off.
    package let switchedOff: [String]

    package init(version: String, instance: String, started: Timestamp, isDryRun: Bool, switchedOff: [String]) {
        (self.version, self.instance, self.started) = (version, instance, started)
        (self.isDryRun, self.switchedOff) = (isDryRun, switchedOff)
    }
}

/// The connection to the engine's event stream.
package struct EngineConnection: Sendable, Codable, Hashable {
    package enum State: String, Sendable, Codable { case connecting, following, lost }

    package var state: State
    package var since: Timestamp
    /// `Swarm manager of cluster …`
    package var mode: String?
    package var apiVersion: String?
    /// Why no labels can be read although the engine answers.
    package var unreadableReason: String?
    /// Why the connection was lost.
    package var reason: String?

    private enum CodingKeys: String, CodingKey {
        case state, since, mode, apiVersion, unreadableReason = "obstacle", reason
    }
}

/// A notifier whose last attempt to deliver a notice failed.
package struct SilentNotifier: Sendable, Codable, Hashable {
    package let notifier: String
    /// What the service says, and what to do about it.
    package internal(set) var reason: String
    /// When the first attempt since the last delivery failed.
    package let since: Timestamp
}

/// A pause after failures.
package struct FailurePause: Sendable, Codable, Hashable {
    /// The certificate's name under `live/`.
    package let subject: String
    /// How many since the last success.
    package let failures: Int
    package let until: Timestamp
    package let reason: String

    package init(subject: String, failures: Int, until: Timestamp, reason: String) {
        (self.subject, self.failures, self.until, self.reason) = (subject, failures, until, reason)
    }
}
