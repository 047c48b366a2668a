import Certificates
import DNS
import Discovery
import Model
import Ports
import Records
import Report
import Signals
import Timing

extension Pipeline {
    /// Reads everything and decides everything; writes nothing, anywhere.
    public func plan() async -> RunPlan {
        await plan(after: await discover())
    }

    /// A run of which nothing comes. It spares the providers as the real one does.
    func rehearse(_ cause: RunCause, _ draft: inout ReportDraft) async {
        guard let discovered = draft.take(await draft.times.measure(.discover, discover), at: .discover) else { return }
        draft.note(discovered)
        if !cause.asksForAll, let known = memory.recall(discovered) {
            let hosts = known.zones.place(discovered.hosts)
            draft.place(hosts)
            draft.recall(known)
            let certificatePlan = await planCertificates(hosts, known.zones)
            draft.note(certificatePlan)
            draft.note(await planSignals(after: certificatePlan))
            draft.note(await planSecrets(hosts, after: certificatePlan))
        } else {
            let plan = await plan(after: .known(discovered))
            draft.place(plan.hosts)
            draft.note(plan)
            let sawAll = plan.zones.failures.isEmpty && plan.records.sawAll
            memory.note(draft.look(at: discovered, plan.zones), sawAll: sawAll)
        }
    }

    private func plan(after discovered: Observation<Discovered>) async -> RunPlan {
        let asked = discovered.value ?? Discovered(hosts: [])
        let zones = await readZones(for: asked.hosts)
        let hosts = zones.place(asked.hosts)
        let truth = await readRecords(hosts, zones)
        async let recordPlan = planRecords(hosts, asked.refusals, truth)
        let certificatePlan = await planCertificates(hosts, zones, truth)
        let (addresses, records) = await recordPlan
        return RunPlan(
            discovered: discovered,
            zones: zones,
            hosts: hosts,
            addresses: addresses,
            records: records,
            certificates: certificatePlan,
            signals: await planSignals(after: certificatePlan),
            secrets: await planSecrets(hosts, after: certificatePlan),
            budgets: budgets
        )
    }

    /// Who would be signalled, were the due certificates there.
    private func planSignals(after plan: CertificatePlan) async -> Observation<SignalPlan> {
        guard switches.signals else { return .known(SignalPlan(targets: [])) }
        switch certificates.onDisk() {
        case .unavailable(let reason): return .unavailable(reason: reason)
        case .known(let present): return await signals.plan(expected(after: plan, present), baseline: present)
        }
    }

    /// Which services would be given certificates as secrets, were the due ones there.
    private func planSecrets(
        _ hosts: [DesiredHost],
        after plan: CertificatePlan
    ) async -> Observation<[SecretResult]> {
        // A disk that cannot be read is told of with the signals.
        guard switches.signals, let present = certificates.onDisk().value else { return .known([]) }
        let own = lineages(ofServices: hosts, plan.steps.map { ($0.lineage, $0.hosts) })
        return await secrets.plan(expected(after: plan, present), own: own)
    }

    /// What is on disk once the due certificates are.
    private func expected(after plan: CertificatePlan, _ present: [CertificateOnDisk]) -> [CertificateOnDisk] {
        let due = plan.steps.filter(\.isOrder)
        let kept = present.filter { certificate in !due.contains { $0.lineage == certificate.lineage } }
        return kept + due.map { $0.expected(at: clock.now) }
    }
}

extension CertificateStep {
    /// A stand-in for the certificate that the step would bring; its fingerprint is like no other.
    fileprivate func expected(at now: Timestamp) -> CertificateOnDisk {
        CertificateOnDisk(
            lineage: lineage,
            names: names,
            fingerprint: Fingerprint(hex: "planned"),
            notBefore: now,
            notAfter: now,
            changed: now
        )
    }
}
