package import Model
import Ports
package import Timing

/// What one run read and did, or a plan would do. All that is said afterwards, to people or programs, is made from it.
package struct Report: Sendable, Codable {
    /// Why it happened: the first few different reasons, and how many triggers became this one run.
    package let reasons: [String]
    package let triggers: Int
    /// Seconds between the first trigger and the decision that the run begins.
    package let waited: Double
    package let started: Timestamp
    /// Seconds.
    package let duration: Double
    /// Whether it is a plan: nothing was written.
    package let isDryRun: Bool
    package let reach: Reach
    /// The requested names.
    package let hosts: [HostReport]
    /// Every record that is desired, or that Landfall made; empty where DNS is switched off.
    package let records: [RecordReport]
    /// Records whose deletion needs a confirmation, or has one.
    package let deletions: Deletions?
    /// Every certificate that is desired; empty where certificates are switched off.
    package let certificates: [CertificateReport]
    package let signals: [SignalReport]
    /// Every service that wants certificates as secrets.
    package let secrets: [SecretReport]
    /// Every host and endpoint that was asked whether it serves the certificate on disk.
    package let serving: [ServingReport]
    package let refusals: [Refusal]
    package let hints: [Hint]
    /// What failed for the run as a whole, a sentence each, by stage.
    package let problems: [Problem]
    /// The confirmed public addresses of this machine; empty where DNS is switched off.
    package let addresses: [AddressReport]
    /// How much of the providers' limits was used when the run ended.
    package let budgets: [RequestBudget]
    /// How many records each zone holds that was read, as far as its provider tells; nil except in a plan.
    package let zones: [ZoneUsage]?
    /// How long each stage took, in the order they began.
    package let stages: [StageReport]

    /// How far a run looked.
    package enum Reach: String, Sendable, Codable {
        /// At everything.
        case all
        /// At the engine and the disk. The records are as an earlier run saw them, and so are their problems.
        case local
    }

    package struct Problem: Sendable, Codable, Hashable {
        package let stage: String
        package let text: String
        /// What the hosts that fail for it say; nil where that is the text itself.
        package let cause: String?

        package init(stage: String, text: String, cause: String? = nil) {
            (self.stage, self.text, self.cause) = (stage, text, cause)
        }

        package init(_ stage: Progress.Stage, _ text: String) { self.init(stage: stage.rawValue, text: text) }
    }

    package init(
        cause: RunCause,
        started: Timestamp,
        duration: Duration,
        isDryRun: Bool = false,
        reach: Reach = .all,
        hosts: [HostReport] = [],
        records: [RecordReport] = [],
        deletions: Deletions? = nil,
        certificates: [CertificateReport] = [],
        signals: [SignalReport] = [],
        secrets: [SecretReport] = [],
        serving: [ServingReport] = [],
        refusals: [Refusal] = [],
        hints: [Hint] = [],
        problems: [Problem] = [],
        addresses: [AddressReport] = [],
        budgets: [RequestBudget] = [],
        zones: [ZoneUsage]? = nil,
        stages: [StageReport] = []
    ) {
        (reasons, triggers, waited) = (cause.reasons, cause.triggers, cause.waited.inSeconds)
        (self.started, self.duration, self.isDryRun) = (started, duration.inSeconds, isDryRun)
        (self.reach, self.hosts, self.records, self.deletions) = (reach, hosts, records, deletions)
        (self.certificates, self.signals, self.secrets) = (certificates, signals, secrets)
        (self.refusals, self.hints) = Self.bounded(refusals, hints)
        (self.serving, self.problems) = (serving, problems)
        (self.addresses, self.budgets, self.zones, self.stages) = (addresses, budgets, zones, stages)
    }
}

extension Report {
    /// How many rejected labels, and hints, a report lists, however many there are.
    package static let listLimit = 500

    private static func bounded(_ refusals: [Refusal], _ hints: [Hint]) -> ([Refusal], [Hint]) {
        let shown = refusals.fairlyShortened(to: listLimit)
        let left = refusals.count - shown.count
        let more =
            left == 0
            ? [] : [Hint("\(left) more labels are rejected, which are listed once the others are mended", about: [])]
        guard hints.count > listLimit else { return (shown, more + hints) }
        return (shown, more + hints.prefix(listLimit) + [Hint("\(hints.count - listLimit) more hints", about: [])])
    }

    /// Whether everything could be read. What is missing in an incomplete report may not be gone.
    package var isComplete: Bool { problems.isEmpty }

    /// Whether nothing failed. What was refused is no failure of the run.
    package var isClean: Bool { failures == 0 }

    package var changes: Int { outcomes.count { $0.isChange } + hosts.count { $0.record?.alsoDone != nil } }

    package var failures: Int {
        outcomes.count { $0.isFailure } + problems.count + serving.count { !$0.isServed }
    }

    private var outcomes: [Outcome] {
        hosts.compactMap(\.record?.outcome) + certificates.map(\.outcome) + signals.map(\.outcome)
            + secrets.map(\.outcome)
    }

    /// What the run changed, a clause each.
    package var changeClauses: [String] {
        clauses { $0.isChange ? $0.detail : nil }
            + hosts.compactMap { host in host.record?.alsoDone.map { "\(host.name): \($0)" } }
            + signals.filter(\.outcome.isChange).map { "\($0.displayName): \($0.signal)" }
            + secrets.compactMap { $0.clause($0.outcome.isChange) }
    }

    /// What failed or could not be read, a clause each.
    package var failureClauses: [String] {
        clauses { $0.isFailure ? $0.detail : nil }
            + signals.filter(\.outcome.isFailure).map { "\($0.displayName): \($0.signal): \($0.outcome.detail ?? "")" }
            + secrets.compactMap { $0.clause($0.outcome.isFailure) }
            + serving.compactMap { serving in serving.reason.map { "\(serving.host): not served: \($0)" } }
            + problems.map { "\($0.stage): \($0.text)" }
    }

    private func clauses(_ detail: (Outcome) -> String?) -> [String] {
        hosts.compactMap { host in (host.record?.outcome).flatMap(detail).map { "\(host.name): \($0)" } }
            + certificates.compactMap { certificate in
                detail(certificate.outcome).map { "certificate \(certificate.lineage): \($0)" }
            }
    }
}

/// When a stage began and how long it took. Stages may run side by side.
package struct StageReport: Sendable, Codable, Hashable {
    package let stage: Stage
    /// Seconds after the run began.
    package let began: Double
    /// Seconds.
    package let duration: Double

    package enum Stage: String, Sendable, Codable, Hashable, CaseIterable {
        case discover, zones, address, record, certificate, signal
    }

    package init(stage: Stage, began: Double, duration: Double) {
        (self.stage, self.began, self.duration) = (stage, began, duration)
    }
}

extension SecretReport {
    /// Nil unless the condition holds.
    fileprivate func clause(_ condition: Bool) -> String? {
        condition ? "service \(service): \(outcome.detail ?? "")" : nil
    }
}

extension Outcome {
    package var isFailure: Bool { if case .failed = self { true } else { false } }
    package var isChange: Bool { if case .changed = self { true } else { false } }
}

extension Duration {
    /// Seconds to the millisecond.
    package var inSeconds: Double { Double(milliseconds) / 1000 }
}

extension [Refusal] {
    /// At most `limit` of them, in their order: of every service its first, then its second one, and so on, so that no
    /// service hides what another one has to mend.
    fileprivate func fairlyShortened(to limit: Int) -> [Refusal] {
        guard count > limit else { return self }
        var counts: [Origin: Int] = [:]
        let ranked = enumerated().map { place, refusal in
            counts[refusal.origin, default: 0] += 1
            return (rank: counts[refusal.origin, default: 0], place: place)
        }
        return ranked.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.prefix(limit).map(\.place).sorted()
            .map { self[$0] }
    }
}

extension [String] {
    /// The first `limit` of them, and how many more there are.
    package func shortened(to limit: Int) -> [String] {
        count > limit ? prefix(limit) + ["\(count - limit) more"] : self
    }
}
