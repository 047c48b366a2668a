package import DNS
package import Model
import Ports
package import Report

/// What one run would change in the records, name by name.
package struct RecordPlan: Sendable {
    package let steps: [RecordStep]
    /// The zones that hold no more records.
    private(set) var full = FullZones()
    /// Deletions that need a confirmation, or have one.
    package private(set) var deletions: Deletions?
    private(set) var ownedChanges: OwnedRecordChanges?
    /// What a person should know of the records that stay or are made.
    package private(set) var hints: [Hint] = []

    /// Whether everything that the steps depend on could be read.
    package var isComplete: Bool {
        !steps.contains { step in
            if case .wait = step.action { step.zone?.zone.unservedReason == nil } else { false }
        }
    }

    /// What a run would do.
    package var report: [RecordReport] { expectedSteps.map(\.plannedReport) }

    /// The steps, as far as it is known what they will come to: records that a full zone has no room for wait.
    var expectedSteps: [RecordStep] {
        steps.map { step in
            guard case .create = step.action, let zone = step.zone?.zone.name, let reason = full.reason(of: zone)
            else { return step }
            return RecordStep(host: step.host, zone: step.zone, action: .wait(reason))
        }
    }
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

extension RecordStep {
    /// That visitors cannot reach a name through the provider's edge, whose certificate covers the zone and one label below it
    /// (https://developers.cloudflare.com/ssl/edge-certificates/universal-ssl/limitations/); nil where they can.
    var edgeHint: Hint? {
        let isProxied =
            switch action {
            case .create(let record), .keep(let record): record.proxied
            case .update(let old, let new): new.proxied ?? old.proxied
            case .delete, .hold, .refuse, .wait: Bool?.none
            }
        guard isProxied == true, let zone, zone.provider.hasEdge else { return nil }
        let depth = host.labels.count - zone.zone.name.labels.count
        guard depth > 1 else { return nil }
        let (name, parent) = (zone.zone.name, host.parent ?? host)
        return Hint(
            "\(host) is proxied and lies \(depth) labels below its zone: \(zone.provider.name)'s own certificate covers "
                + "\(name) and \(name.wildcard) only, so visitors get a TLS error there, whatever certificate the server has; "
                + "set `landfall.dns.proxied: \"false\"`, or order a certificate for \(parent.wildcard) at \(zone.provider.name)",
            about: [host]
        )
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
