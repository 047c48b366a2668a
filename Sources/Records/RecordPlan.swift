package import DNS
package import Model
import Ports
package import Report

/// What one run would change in the records, name by name.
package struct RecordPlan: Sendable {
    package let steps: [RecordStep]
    /// Deletions that need a confirmation, or have one.
    package private(set) var deletions: Deletions?
    private(set) var ownedChanges: OwnedRecordChanges?

    /// Whether everything that the steps depend on could be read.
    package var isComplete: Bool {
        !steps.contains { if case .wait = $0.action { true } else { false } }
    }

    /// What a run would do.
    package var report: [RecordReport] { steps.map(\.plannedReport) }
}

/// One step of a record plan, at one name.
package struct RecordStep: Sendable {
    package enum Action: Hashable, Sendable {
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

    package let host: DomainName
    /// Nil where no zone was found.
    package let zone: ZoneDirectory.Entry?
    package let action: Action

    package var plannedReport: RecordReport { report(action.planned, current: action.current) }

    /// - Parameter current: what DNS has now; nil where that is not known, or nothing.
    func report(_ outcome: Outcome, current: DNSRecord?) -> RecordReport {
        let (action, old, new, reason) = action.inReport
        var report = RecordReport(action, of: host, outcome)
        (report.zone, report.provider, report.reason) = (zone?.zone.name, zone?.provider.name, reason)
        report.type = (new ?? old)?.kind.rawValue
        if let new, new.kind != old?.kind { report.fromType = old?.kind.rawValue }
        (report.from, report.to) = (old?.content, new?.content)
        (report.proxied, report.ttl, report.current) = (new?.proxied, new?.ttl, current?.summary)
        return report
    }
}

extension RecordStep.Action {
    /// The outcome that a run would have.
    package var planned: Outcome {
        switch self {
        case .create(let record): .changed("create \(record.kind.rawValue) \(record.content)")
        case .update(let old, let new):
            .changed("update \(old.kind.rawValue) \(old.content) to \(new.kind.rawValue) \(new.content)")
        case .delete(let record): .changed("delete \(record.kind.rawValue) \(record.content)")
        case .keep, .hold: .unchanged
        case .refuse(let reason): .refused(reason)
        case .wait(let reason): .failed(reason)
        }
    }

    /// What DNS has before anything is written.
    var current: DNSRecord? { inReport.from }

    fileprivate var inReport: (RecordReport.Action, from: DNSRecord?, to: DNSRecord?, reason: String?) {
        switch self {
        case .create(let new): (.create, nil, new, nil)
        case .update(let old, let new): (.update, old, new, nil)
        case .keep(let record): (.keep, record, record, nil)
        case .delete(let old): (.delete, old, nil, nil)
        case .hold(let record, let reason): (.hold, record, record, reason)
        case .refuse(let reason): (.refuse, nil, nil, reason)
        case .wait(let reason): (.wait, nil, nil, reason)
        }
    }
}
