import Certificates
import DNS
import Discovery
import Model
import Records
import Signals
import Timing

extension Pipeline {
    /// Reads everything and decides everything; writes nothing, anywhere.
    public func plan() async -> RunPlan {
        let discovered = await discover()
        let hosts = discovered.value?.hosts ?? []
        let zones = await readZones(for: hosts)
        async let recordPlan = planRecords(hosts, zones)
        let certificatePlan =
            switches.certificates ? await certificates.plan(hosts, zones: zones) : CertificatePlan(steps: [])
        let (address, records) = await recordPlan
        return RunPlan(
            discovered: discovered,
            address: address,
            records: records,
            certificates: certificatePlan,
            signals: await planSignals(after: certificatePlan),
            failures: zones.failures
        )
    }

    private func planRecords(
        _ hosts: [DesiredHost],
        _ zones: ZoneDirectory
    ) async -> (Observation<IPAddress>?, RecordPlan) {
        guard switches.records, !providers.isEmpty else { return (nil, RecordPlan(steps: [])) }
        let address = await findAddress(for: hosts)
        return (address, await records.plan(hosts, address: address, zones: zones))
    }

    /// Who would be signalled, were the due certificates there.
    private func planSignals(after plan: CertificatePlan) async -> Observation<SignalPlan> {
        guard switches.signals else { return .known(SignalPlan(targets: [])) }
        switch certificates.onDisk() {
        case .unavailable(let reason): return .unavailable(reason: reason)
        case .known(let present):
            let due = plan.steps.filter(\.isOrder)
            let kept = present.filter { certificate in !due.contains { $0.lineage == certificate.lineage } }
            return await signals.plan(kept + due.map { $0.expected(at: clock.now) }, baseline: present)
        }
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
