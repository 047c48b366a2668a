public import DNS
public import Model
import Ports
public import Report

/// What one run would do to the records, name by name.
public struct RecordPlan: Sendable {
    public let steps: [RecordStep]
    /// Deletions that are too many to be made unasked, or that somebody has confirmed.
    public let deletions: Deletions?
    let notes: OwnedNotes?

    public init(steps: [RecordStep]) {
        self.init(steps: steps, deletions: nil, notes: nil)
    }

    init(steps: [RecordStep], deletions: Deletions?, notes: OwnedNotes?) {
        (self.steps, self.deletions, self.notes) = (steps, deletions, notes)
    }

    /// Whether everything could be seen that the steps rest on.
    public var sawAll: Bool {
        !steps.contains { if case .wait = $0.action { true } else { false } }
    }
}

public struct RecordStep: Sendable {
    public enum Action: Hashable, Sendable {
        case create(DNSRecord)
        case update(DNSRecord, to: DNSRecord)
        case keep(DNSRecord)
        /// We made it, and nobody asks for it any more.
        case delete(DNSRecord)
        /// We made it, nobody asks for it, and it stays for now; a clause that says why.
        case hold(DNSRecord, String)
        /// We will not; a clause that says why.
        case refuse(String)
        /// We cannot now; a clause that says why.
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

public struct RecordResult: Hashable, Sendable {
    public let host: DomainName
    public let outcome: Outcome
    /// As it stands now; nil where that is not known, or nothing does.
    public let record: DNSRecord?

    public init(host: DomainName, outcome: Outcome, record: DNSRecord? = nil) {
        (self.host, self.outcome, self.record) = (host, outcome, record)
    }
}
