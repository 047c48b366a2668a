public import DNS
public import Model
import Ports
public import Report

/// What one run would change in the records, name by name.
public struct RecordPlan: Sendable {
    public let steps: [RecordStep]
    /// Deletions that need a confirmation, or have one.
    public let deletions: Deletions?
    let ownedChanges: OwnedRecordChanges?

    public init(steps: [RecordStep]) {
        self.init(steps: steps, deletions: nil, ownedChanges: nil)
    }

    init(steps: [RecordStep], deletions: Deletions?, ownedChanges: OwnedRecordChanges?) {
        (self.steps, self.deletions, self.ownedChanges) = (steps, deletions, ownedChanges)
    }

    /// Whether everything that the steps depend on could be read.
    public var isComplete: Bool {
        !steps.contains { if case .wait = $0.action { true } else { false } }
    }
}

/// One step of a record plan, at one name.
public struct RecordStep: Sendable {
    public enum Action: Hashable, Sendable {
        case create(DNSRecord)
        case update(DNSRecord, to: DNSRecord)
        case keep(DNSRecord)
        /// Landfall created it, and no label requests it any more.
        case delete(DNSRecord)
        /// As `delete`, but it stays for now; a clause that says why.
        case hold(DNSRecord, String)
        /// Landfall will not; a clause that says why.
        case refuse(String)
        /// Landfall cannot now; a clause that says why.
        case wait(String)
    }

    public let host: DomainName
    /// Nil where no zone was found.
    public let zone: ZoneDirectory.Entry?
    public let action: Action

    public init(host: DomainName, zone: ZoneDirectory.Entry?, action: Action) {
        (self.host, self.zone, self.action) = (host, zone, action)
    }
}

/// The result of one step.
public struct RecordResult: Hashable, Sendable {
    public let host: DomainName
    public let outcome: Outcome
    /// The record as it is now; nil where that is unknown or there is none.
    public let record: DNSRecord?

    public init(host: DomainName, outcome: Outcome, record: DNSRecord? = nil) {
        (self.host, self.outcome, self.record) = (host, outcome, record)
    }
}
