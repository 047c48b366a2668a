import Address
import Certificates
import DNS
import Discovery
public import Model
import Ports
import Records
public import Report
import Signals

/// A plan as data: what `landfall plan --json` prints, and what its text is made of.
public struct PlanDocument: Sendable, Codable {
    public enum Action: String, Sendable, Codable {
        case create, update, keep, delete, hold, issue, renew, leave, refuse, wait
    }

    public struct Record: Sendable, Codable {
        public let host: DomainName
        public let zone: DomainName?
        public let provider: String?
        public let action: Action
        public let type: String?
        /// Nil where the type stays.
        public let fromType: String?
        public let from: String?
        public let to: String?
        public let proxied: Bool?
        public let ttl: Int?
        public let reason: String?
    }

    public struct Certificate: Sendable, Codable {
        public let lineage: String
        public let names: [DomainName]
        public let action: Action
        public let notAfter: Timestamp?
        public let reason: String?
        /// From when on it is to be renewed, and the rule that says so; nil where there is none to renew.
        public let renewFrom: Timestamp?
        public let rule: String?
        /// The lineage whose certificate serves the names in its stead.
        public let servedBy: String?
        public let remarks: [String]
    }

    public struct Signal: Sendable, Codable {
        public let container: String
        public let name: String
        public let signal: String
        public let lineages: [String]
    }

    /// A service that wants certificates as secrets.
    public struct Secret: Sendable, Codable {
        public let service: String
        public let action: Action
        public let reason: String?
    }

    public let records: [Record]
    /// Deletions that wait for a person; their records are `hold` above.
    public let deletions: Deletions?
    public let certificates: [Certificate]
    public let signals: [Signal]
    public let secrets: [Secret]?
    public let refusals: [Refusal]
    public let hints: [String]
    public let problems: [String]
    public let budgets: [RequestBudget]

    /// How many steps would change something outside.
    public var changes: Int {
        let writing: Set<Action> = [.create, .update, .delete, .issue, .renew]
        return records.count { writing.contains($0.action) } + certificates.count { writing.contains($0.action) }
            + signals.count + (secrets ?? []).count { writing.contains($0.action) }
    }
}

extension RunPlan {
    public var document: PlanDocument {
        let troubles: [String?] = (addresses?.families.compactMap(\.trouble) ?? []) + [certificates.holdReason]
        return PlanDocument(
            records: records.steps.map(\.document),
            deletions: records.deletions,
            certificates: certificates.steps.map(\.document),
            signals: (signals.value?.targets ?? []).map {
                .init(
                    container: $0.container,
                    name: $0.name,
                    signal: $0.signal.description,
                    lineages: $0.lineages
                )
            },
            secrets: (secrets.value ?? []).map(\.document),
            refusals: (discovered.value?.refusals ?? []) + (signals.value?.refusals ?? []),
            hints: discovered.value?.hints ?? [],
            problems: eachOnce(zones.failures + [discovered.reason] + troubles + [signals.reason, secrets.reason]),
            budgets: budgets
        )
    }
}

extension RecordStep {
    var document: PlanDocument.Record {
        switch action {
        case .create(let new): document(.create, to: new)
        case .update(let old, let new): document(.update, from: old, to: new)
        case .keep(let record): document(.keep, from: record, to: record)
        case .delete(let record): document(.delete, from: record)
        case .hold(let record, let reason): document(.hold, from: record, to: record, reason: reason)
        case .refuse(let reason): document(.refuse, reason: reason)
        case .wait(let reason): document(.wait, reason: reason)
        }
    }

    private func document(
        _ action: PlanDocument.Action,
        from old: DNSRecord? = nil,
        to new: DNSRecord? = nil,
        reason: String? = nil
    ) -> PlanDocument.Record {
        PlanDocument.Record(
            host: host,
            zone: zone?.zone.name,
            provider: zone?.provider.name,
            action: action,
            type: (new ?? old)?.kind.rawValue,
            fromType: old?.kind == new?.kind || new == nil ? nil : old?.kind.rawValue,
            from: old?.content,
            to: new?.content,
            proxied: new?.proxied,
            ttl: new?.ttl,
            reason: reason
        )
    }
}

extension SecretResult {
    fileprivate var document: PlanDocument.Secret {
        let action: PlanDocument.Action =
            switch outcome {
            case .unchanged: .keep
            case .changed: .update
            case .refused: .refuse
            case .failed: .wait
            }
        return PlanDocument.Secret(service: service, action: action, reason: outcome.detail)
    }
}

extension CertificateStep {
    var document: PlanDocument.Certificate {
        switch action {
        case .issue(let reason): document(.issue, reason: reason)
        case .renew(let notAfter): document(.renew, notAfter: notAfter)
        case .keep(let notAfter): document(.keep, notAfter: notAfter)
        case .leave(let notAfter): document(.leave, notAfter: notAfter)
        case .refuse(let reason): document(.refuse, reason: reason)
        case .wait(let reason): document(.wait, reason: reason)
        }
    }

    private func document(
        _ action: PlanDocument.Action,
        notAfter: Timestamp? = nil,
        reason: String? = nil
    ) -> PlanDocument.Certificate {
        PlanDocument.Certificate(
            lineage: lineage,
            names: names,
            action: action,
            notAfter: notAfter,
            reason: reason,
            renewFrom: renewal?.at,
            rule: renewal?.rule,
            servedBy: coveredBy,
            remarks: remarks
        )
    }
}
