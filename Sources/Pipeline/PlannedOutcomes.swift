import Certificates
import Model
import Records
import Signals

extension ReportDraft {
    /// A plan in the words of a report: its changes are those that a run would make.
    mutating func note(_ plan: RunPlan) {
        let results = plan.records.steps.map { RecordResult(host: $0.host, outcome: $0.action.planned) }
        let outcomes = RecordOutcomes(
            addresses: plan.addresses,
            results: results,
            deletions: plan.records.deletions,
            sawAll: plan.records.sawAll
        )
        note(outcomes, plan.zones)
        note(plan.certificates)
        note(plan.signals)
        note(plan.secrets)
    }

    mutating func note(_ plan: CertificatePlan) {
        if let trouble = plan.holdReason { problem(.certificate, trouble) }
        note(
            plan.steps.map {
                CertificateResult(
                    lineage: $0.lineage,
                    names: $0.names,
                    hosts: $0.hosts,
                    outcome: $0.action.planned,
                    onDisk: nil
                )
            }
        )
    }

    mutating func note(_ signals: Observation<SignalPlan>) {
        guard let plan = take(signals, at: .signal) else { return }
        note(plan.refusals)
        note(plan.targets.map { SignalResult(target: $0, delivery: .signalled) })
    }

    mutating func note(_ secrets: Observation<[SecretResult]>) {
        if let results = take(secrets, at: .signal) { note(results) }
    }
}

extension RecordStep.Action {
    /// What a run would do, as an outcome.
    var planned: Outcome {
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
}

extension CertificateStep.Action {
    /// What a run would do, as an outcome.
    var planned: Outcome {
        switch self {
        case .issue(let reason): .changed("issue: \(reason)")
        case .renew(let notAfter): .changed("renew: valid until \(notAfter.day)")
        case .keep, .leave: .unchanged
        case .refuse(let reason): .refused(reason)
        case .wait(let reason): .failed(reason)
        }
    }
}
