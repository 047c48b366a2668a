public import Model
import Ports
public import Timing

/// What one run saw and did. Everything said afterwards, to people or programs, is derived from it.
public struct Report: Sendable, Codable {
    /// Why it happened: the first few different reasons, and how many triggers became this one run.
    public let reasons: [String]
    public let triggers: Int
    /// Seconds between the first trigger and the decision that the run begins.
    public let waited: Double
    public let started: Timestamp
    /// Seconds.
    public let duration: Double
    /// A dry run's changes are those that would have been made.
    public let isDryRun: Bool
    public let reach: Reach
    /// Sorted by name.
    public let hosts: [HostReport]
    /// One for every certificate wanted; empty where certificates are switched off.
    public let certificates: [CertificateReport]
    public let signals: [SignalReport]
    /// Of every service that wants certificates as secrets.
    public let secrets: [SecretReport]?
    /// For every host and place where that is asked: whether the certificate on disk is the one that is served.
    public let serving: [ServingReport]?
    public let refusals: [Refusal]
    public let hints: [String]
    /// What hindered the run as a whole, a sentence each, by the stage that met it.
    public let problems: [Problem]
    /// Records that wait for a person to confirm that they may be deleted, or that one has confirmed.
    public let deletions: Deletions?
    /// What this machine's public addresses are believed to be; nil where DNS is switched off, or the run got no so far.
    public let addresses: [AddressReport]?
    /// How long each stage took that was gone through, in the order they began; nil in reports that do not know.
    public let stages: [StageReport]?

    /// How far a run looked.
    public enum Reach: String, Sendable, Codable {
        /// At everything.
        case all
        /// At the engine and the disk. The records are as they were last seen, and so is what hindered them.
        case local
    }

    public struct Problem: Sendable, Codable, Hashable {
        public let stage: String
        public let text: String

        public init(stage: String, text: String) {
            (self.stage, self.text) = (stage, text)
        }
    }

    public init(
        cause: RunCause,
        started: Timestamp,
        duration: Duration,
        isDryRun: Bool = false,
        reach: Reach = .all,
        hosts: [HostReport] = [],
        certificates: [CertificateReport] = [],
        signals: [SignalReport] = [],
        secrets: [SecretReport] = [],
        serving: [ServingReport] = [],
        refusals: [Refusal] = [],
        hints: [String] = [],
        problems: [Problem] = [],
        deletions: Deletions? = nil,
        addresses: [AddressReport]? = nil,
        stages: [StageReport]? = nil
    ) {
        reasons = cause.reasons
        triggers = cause.triggers
        waited = cause.waited.inSeconds
        self.started = started
        self.duration = duration.inSeconds
        self.isDryRun = isDryRun
        self.reach = reach
        self.hosts = hosts
        self.certificates = certificates
        self.signals = signals
        self.secrets = secrets.isEmpty ? nil : secrets
        self.serving = serving.isEmpty ? nil : serving
        self.refusals = refusals
        self.hints = hints
        self.problems = problems
        self.deletions = deletions
        self.addresses = addresses
        self.stages = stages
    }

    /// Whether everything could be seen. What is missing in an incomplete report may not be gone; `unseen` tells what.
    public var isComplete: Bool { problems.isEmpty }

    /// Whether nothing failed. What was refused stays refused until a person acts, and is no failure of the run.
    public var isClean: Bool { failures == 0 }

    public var changes: Int { outcomes.count { $0.isChange } }

    public var failures: Int {
        outcomes.count { $0.isFailure } + problems.count + (serving ?? []).count { !$0.isServed }
    }

    private var outcomes: [Outcome] {
        hosts.compactMap(\.record?.outcome) + certificates.map(\.outcome) + signals.map(\.outcome)
            + (secrets ?? []).map(\.outcome)
    }
}

/// A list of records that nobody asks for any more, so long that a person has to see it first.
public struct Deletions: Hashable, Sendable, Codable {
    /// Stands for exactly this list.
    public let code: String
    /// `www.example.org A 198.51.100.7`
    public let records: [String]
    public let isConfirmed: Bool

    public init(code: String, records: [String], isConfirmed: Bool) {
        (self.code, self.records, self.isConfirmed) = (code, records, isConfirmed)
    }
}

/// A public address of this machine, and who said that it is one.
public struct AddressReport: Sendable, Codable, Hashable {
    public let family: IPAddress.Family
    public let address: IPAddress
    /// What it was before; nil for the first that was known.
    public let was: IPAddress?
    public let witnesses: [String]

    public init(family: IPAddress.Family, address: IPAddress, was: IPAddress?, witnesses: [String]) {
        (self.family, self.address, self.was, self.witnesses) = (family, address, was, witnesses)
    }
}

/// When a stage was gone through. Stages may run side by side.
public struct StageReport: Sendable, Codable, Hashable {
    public let stage: Stage
    /// Seconds after the run began.
    public let began: Double
    /// Seconds.
    public let duration: Double

    public enum Stage: String, Sendable, Codable, Hashable, CaseIterable {
        case discover, zones, address, record, certificate, signal
    }

    public init(stage: Stage, began: Double, duration: Double) {
        (self.stage, self.began, self.duration) = (stage, began, duration)
    }
}

/// One name: where it came from, and what became of its records.
public struct HostReport: Sendable, Codable, Hashable {
    public let name: DomainName
    /// Empty where nobody asks for it any more and its record was to be deleted.
    public let origins: [Origin]
    /// Nil where no record is wanted or DNS is switched off.
    public let record: RecordReport?

    public init(name: DomainName, origins: [Origin], record: RecordReport?) {
        (self.name, self.origins, self.record) = (name, origins, record)
    }
}

public struct RecordReport: Sendable, Codable, Hashable {
    public let outcome: Outcome
    /// What stands in DNS now, `A 198.51.100.7`; nil where that is not known.
    public let standing: String?

    public init(outcome: Outcome, standing: String?) {
        (self.outcome, self.standing) = (outcome, standing)
    }
}

public struct CertificateReport: Sendable, Codable, Hashable {
    public let lineage: String
    /// Who uses it; a certificate of many hosts may be had for some and refused to others, in a report each. Nobody uses one
    /// that Landfall got and no label asks for any longer.
    public let hosts: [DomainName]
    public let outcome: Outcome
    /// Of what is on disk now.
    public let fingerprint: Fingerprint?
    public let notBefore: Timestamp?
    public let notAfter: Timestamp?

    public init(
        lineage: String,
        hosts: [DomainName],
        outcome: Outcome,
        fingerprint: Fingerprint?,
        notBefore: Timestamp? = nil,
        notAfter: Timestamp?
    ) {
        self.lineage = lineage
        self.hosts = hosts
        self.outcome = outcome
        self.fingerprint = fingerprint
        (self.notBefore, self.notAfter) = (notBefore, notAfter)
    }

    /// What there is to say where nobody uses it.
    public var unasked: String {
        let until = notAfter.map { "; valid until \($0.day)" } ?? ""
        return "\(lineage): no host asks for this certificate any longer; it is not renewed, nor deleted\(until)"
    }
}

public struct SignalReport: Sendable, Codable, Hashable {
    /// What became of a signal, without the reason.
    public enum Delivery: String, Hashable, Sendable, Codable {
        case signalled, gone, refused, owed
        case notRunning = "not running"
    }

    public let container: String
    public let name: String
    public let signal: String
    /// The certificates it was told of.
    public let lineages: [String]
    /// What became of it; nil in a dry run.
    public let result: Delivery?
    public let outcome: Outcome

    public init(
        container: String,
        name: String,
        signal: String,
        lineages: [String],
        result: Delivery? = nil,
        outcome: Outcome
    ) {
        self.container = container
        self.name = name
        self.signal = signal
        self.lineages = lineages
        self.result = result
        self.outcome = outcome
    }
}

/// A service that wants certificates as secrets.
public struct SecretReport: Sendable, Codable, Hashable {
    public let service: String
    public let outcome: Outcome

    public init(service: String, outcome: Outcome) {
        (self.service, self.outcome) = (service, outcome)
    }
}

/// Whether a host is served with the certificate on disk.
public struct ServingReport: Sendable, Codable, Hashable {
    public let host: DomainName
    /// `HOST:PORT`
    public let endpoint: String
    /// Why it is not; nil when it is.
    public let trouble: String?

    public init(host: DomainName, endpoint: String, trouble: String?) {
        (self.host, self.endpoint, self.trouble) = (host, endpoint, trouble)
    }

    public var isServed: Bool { trouble == nil }
}

extension Outcome {
    public var isFailure: Bool { if case .failed = self { true } else { false } }
    public var isChange: Bool { if case .changed = self { true } else { false } }
}

extension Duration {
    /// Seconds to the millisecond.
    public var inSeconds: Double { Double(milliseconds) / 1000 }
}
