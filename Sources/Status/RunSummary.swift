package import Model
import Ports
package import Report
import Timing

/// The summary of a run that has ended.
package struct RunSummary: Sendable, Codable, Hashable {
    package enum Outcome: String, Sendable, Codable, CaseIterable { case success, failure }

    /// Counts the runs of this installation, from 1.
    package let number: Int
    package let started: Timestamp
    /// Seconds.
    package let duration: Double
    /// Seconds from the first trigger to the decision that the run begins.
    package let waited: Double
    package let reasons: [String]
    package let triggers: Int
    package let outcome: Outcome
    package let reach: Report.Reach
    package let isDryRun: Bool
    package let hosts: Int
    package let changed: Int
    package let failed: Int
    package let changes: [String]
    package let failures: [String]
    package let stages: [StageReport]

    /// How many changes, and failures, are listed.
    private static let clauseLimit = 8
    private static let reasonLimit = 4

    init(_ report: Report, number: Int) {
        (self.number, started, duration, waited) = (number, report.started, report.duration, report.waited)
        reasons = report.reasons.shortened(to: Self.reasonLimit).map { sanitized($0, limit: 120) }
        (triggers, outcome) = (report.triggers, report.isClean ? .success : .failure)
        (reach, isDryRun, hosts) = (report.reach, report.isDryRun, report.hosts.count)
        (changed, failed) = (report.changes, report.failures)
        changes = report.changeClauses.shortened(to: Self.clauseLimit).map { sanitized($0, limit: 200) }
        failures = report.failureClauses.shortened(to: Self.clauseLimit).map { sanitized($0, limit: 200) }
        stages = report.stages
    }
}

/// A run in progress.
package struct LiveRun: Sendable, Codable, Hashable {
    package let reasons: [String]
    package let triggers: Int
    package let began: Timestamp
    /// In the order in which they began; of a run for very many hosts, the first ones.
    package internal(set) var steps: [LiveStep]
    /// How many steps have ended, including those that are not listed.
    package internal(set) var ended: Int

    init(_ cause: RunCause, at now: Timestamp) {
        reasons = cause.reasons.shortened(to: 4).map { sanitized($0, limit: 120) }
        (triggers, began, steps, ended) = (cause.triggers, now, [], 0)
    }
}

/// What a run does for one subject in one stage.
package struct LiveStep: Sendable, Codable, Hashable {
    /// In progress, or the word of its outcome.
    package enum State: String, Sendable, Codable { case going, unchanged, changed, refused, failed }

    /// Grows with every update: of two for the same step, the greater is the later.
    package let number: Int
    package let stage: String
    package let subject: String
    package let state: State
    package let text: String
    package let since: Timestamp
    /// When it ended.
    package let end: Timestamp?

    init(_ progress: Progress, number: Int, since: Timestamp, now: Timestamp) {
        self.number = number
        (stage, self.since) = (progress.stage.rawValue, since)
        let isContainer = progress.stage == .signal
        subject = sanitized(isContainer ? displayName(ofContainer: progress.subject) : progress.subject, limit: 255)
        switch progress.state {
        // A host is discovered as soon as it is found.
        case .started where progress.stage == .discover: (state, text, end) = (.unchanged, "requested", now)
        case .started: (state, text, end) = (.going, "", nil)
        case .planned(let outcome): (state, text, end) = (.going, sanitized(outcome.detail ?? outcome.word), nil)
        case .step(let step): (state, text, end) = (.going, sanitized(step), nil)
        case .ended(let outcome):
            (state, text, end) = (State(rawValue: outcome.word) ?? .failed, sanitized(outcome.detail ?? ""), now)
        }
    }
}

extension LiveStep {
    /// The step as a command shows it that asked for the run; nil of a stage that it does not know.
    package var progress: Progress? {
        guard let stage = Progress.Stage(rawValue: stage) else { return nil }
        let state: Progress.State =
            switch self.state {
            case _ where stage == .discover: .started
            case .going: text.isEmpty ? .started : .step(text)
            case .unchanged: .ended(.unchanged)
            case .changed: .ended(.changed(text))
            case .refused: .ended(.refused(text))
            case .failed: .ended(.failed(text))
            }
        return Progress(stage, subject, state)
    }
}
