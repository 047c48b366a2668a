import Address
import Certificates
import DNS
import Discovery
public import Model
import Notices
import Records
import Signals
import State
public import Timing

extension Pipeline {
    /// One reconciliation. It always ends in a report; what failed is in it, host by host.
    public func run(_ cause: RunCause, progress: @escaping ProgressHandler = { _ in }) async -> Report {
        var draft = ReportDraft(cause: cause, started: clock.now, uptime: clock.uptime)
        guard !switches.isDryRun else {
            draft.note(await plan())
            return draft.finish(at: clock.uptime, isDryRun: true)
        }
        takeBaseline()
        guard let discovered = draft.take(await discover(), at: .discover) else {
            return await told(draft.finish(at: clock.uptime))
        }
        draft.note(discovered)
        for host in discovered.hosts { progress(Progress(.discover, host.name.text, .started)) }
        let zones = await readZones(for: discovered.hosts)
        for failure in zones.failures { draft.problem(.record, failure) }

        // Side by side: a certificate never depends on its host's address or record.
        async let recordResults = applyRecords(discovered.hosts, zones, progress)
        async let certificateResults = applyCertificates(discovered.hosts, zones, progress)
        draft.note(await recordResults)
        draft.note(await certificateResults)
        // Once per run, after all certificates.
        if !Task.isCancelled { await signalTargets(&draft, progress) }
        if let trouble = state.trouble { draft.problem(ofState: trouble) }
        return await told(draft.finish(at: clock.uptime))
    }

    /// With no state at all, what is on disk before the first run counts as known to everybody. A store that cannot be
    /// written says so itself.
    private func takeBaseline() {
        guard switches.signals, let present = certificates.onDisk().value else { return }
        try? signals.baseline(present)
    }

    /// What the labels ask for, and a hint where nobody is there to write records.
    func discover() async -> Observation<Discovered> {
        await discovery.discover().map { discovered in
            let asksForRecords = switches.records && discovered.hosts.contains { $0.target != .none }
            guard asksForRecords && providers.isEmpty else { return discovered }
            let hint = "no DNS provider's credentials are set, so no record is written; set CLOUDFLARE_API_TOKEN"
            return Discovered(hosts: discovered.hosts, refusals: discovered.refusals, hints: [hint] + discovered.hints)
        }
    }

    func readZones(for hosts: [DesiredHost]) async -> ZoneDirectory {
        let areNeeded = hosts.contains {
            switches.records && $0.target != .none || switches.certificates && $0.certificate != .none
        }
        return await ZoneDirectory.read(from: areNeeded ? providers : [], allowed: allowedZones)
    }

    func findAddress(for hosts: [DesiredHost]) async -> Observation<IPAddress>? {
        guard hosts.contains(where: { $0.target == .publicAddress }) else { return nil }
        return await address.find(.v4)
    }

    private func applyRecords(
        _ hosts: [DesiredHost],
        _ zones: ZoneDirectory,
        _ progress: @escaping ProgressHandler
    ) async -> RecordOutcomes {
        guard switches.records, !providers.isEmpty else { return RecordOutcomes(address: nil, results: []) }
        let address = await findAddress(for: hosts)
        let plan = await records.plan(hosts, address: address, zones: zones)
        guard !Task.isCancelled else { return RecordOutcomes(address: address, results: []) }
        return RecordOutcomes(address: address, results: await records.apply(plan, progress: progress))
    }

    private func applyCertificates(
        _ hosts: [DesiredHost],
        _ zones: ZoneDirectory,
        _ progress: @escaping ProgressHandler
    ) async -> [CertificateResult] {
        guard switches.certificates else { return [] }
        await certificates.awaitOrphans()
        let plan = await certificates.plan(hosts, zones: zones)
        guard !Task.isCancelled else { return [] }
        return await certificates.apply(plan, zones: zones, progress: progress)
    }

    private func signalTargets(_ draft: inout ReportDraft, _ progress: @escaping ProgressHandler) async {
        guard switches.signals else { return }
        guard let present = draft.take(certificates.onDisk(), at: .signal) else { return }
        guard let plan = draft.take(await signals.plan(present), at: .signal) else { return }
        draft.note(plan.refusals)
        draft.note(await signals.apply(plan, certificates: present, progress: progress))
    }

    private func told(_ report: Report) async -> Report {
        guard !Task.isCancelled else { return report }
        await notices.deliver(report.standings, isComplete: report.isComplete)
        return report
    }
}

/// What the two steps of the records branch found.
struct RecordOutcomes: Sendable {
    let address: Observation<IPAddress>?
    let results: [RecordResult]
}
