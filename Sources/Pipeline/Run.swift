import Address
import Certificates
import DNS
import Discovery
public import Model
import Notices
import Ports
import Records
public import Report
import Signals
import State
public import Timing

extension Pipeline {
    /// One reconciliation. It always ends in a report; what failed is in it, host by host.
    ///
    /// When only events ask for it and the same is desired as when everything was last seen, it reads the engine and the
    /// disk alone – unless a certificate is to be ordered.
    public func run(_ cause: RunCause, progress: @escaping ProgressHandler = { _ in }) async -> Report {
        var draft = ReportDraft(cause, at: clock, isDryRun: switches.isDryRun)
        let times = draft.times
        guard !switches.isDryRun else {
            await rehearse(cause, &draft)
            return draft.finish(at: clock.uptime)
        }
        takeBaseline()
        guard let discovered = draft.take(await times.measure(.discover, discover), at: .discover) else {
            records.loseSight()
            return told(draft.finish(at: clock.uptime))
        }
        draft.note(discovered)
        if await !lookAround(discovered, cause, &draft) { await readAll(discovered, cause, &draft, progress) }
        // Once per run, after all certificates.
        if !Task.isCancelled { await times.measure(.signal) { await signalTargets(cause, &draft, progress) } }
        if !Task.isCancelled { await times.measure(.signal) { await lookAtServers(cause, &draft) } }
        if switches.records { draft.note(address.believed) }
        if let trouble = state.writeError { draft.problem(ofState: trouble) }
        return told(draft.finish(at: clock.uptime))
    }

    /// What holds as far as the disk and the last look tell; false when that is not enough.
    private func lookAround(_ discovered: Discovered, _ cause: RunCause, _ draft: inout ReportDraft) async -> Bool {
        guard !cause.asksForAll, let known = memory.recall(discovered) else { return false }
        let hosts = known.zones.place(discovered.hosts)
        let plan = await planCertificates(hosts, known.zones)
        guard !plan.hasOrders else { return false }
        draft.place(hosts)
        draft.recall(known)
        draft.note(certificates.resultsWithoutOrders(of: plan))
        if let trouble = plan.holdReason { draft.problem(.certificate, trouble) }
        return true
    }

    private func readAll(
        _ discovered: Discovered,
        _ cause: RunCause,
        _ draft: inout ReportDraft,
        _ progress: @escaping ProgressHandler
    ) async {
        let times = draft.times
        let zones = await times.measure(.zones) { await readZones(for: discovered.hosts) }
        ZoneStore(state: state).note(zones)
        // From here on hosts have the names that are served, for records, certificates and reports alike.
        let hosts = zones.place(discovered.hosts)
        draft.place(hosts)
        for host in hosts { progress(Progress(.discover, host.name.text, .started)) }
        let truth = await times.measure(.record) { await readRecords(hosts, zones) }
        let knownRecords = KnownRecords(truth, wanted: hosts, by: self.records)
        if switches.certificates { certificates.markStarted(knownRecords) } else { certificates.markStarted() }
        // Side by side: a certificate never depends on its host's address or record.
        async let recordOutcomes = applyRecords(hosts, discovered.refusals, truth, cause, times, progress)
        async let certificateOutcomes = times.measure(.certificate) {
            await applyCertificates(hosts, zones, knownRecords, cause, progress)
        }
        let records = await recordOutcomes
        draft.note(records, zones)
        let (results, trouble) = await certificateOutcomes
        draft.note(results)
        if let trouble { draft.problem(.certificate, trouble) }
        guard !Task.isCancelled else { return }
        memory.note(draft.look(at: discovered, zones), sawAll: zones.failures.isEmpty && records.sawAll)
    }

    /// With no state at all, what is on disk before the first run counts as known to everybody. A store that cannot be
    /// written says so itself.
    private func takeBaseline() {
        guard switches.signals, signals.needsBaseline, let present = certificates.onDisk().value else { return }
        try? signals.saveBaseline(present)
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
        return areNeeded ? await zonesOfAllProviders() : ZoneDirectory(entries: [], allowed: allowedZones)
    }

    func zonesOfAllProviders() async -> ZoneDirectory {
        await ZoneDirectory.read(
            from: providers,
            allowed: allowedZones,
            defaultDomain: defaultDomain,
            remembered: ZoneStore(state: state).recall()
        )
    }

    /// Nil, where nobody is there to write records.
    func readRecords(_ hosts: [DesiredHost], _ zones: ZoneDirectory) async -> ActualRecords? {
        switches.records && !providers.isEmpty ? await records.read(for: hosts, zones) : nil
    }

    func planRecords(
        _ hosts: [DesiredHost],
        _ refusals: [Refusal],
        _ truth: ActualRecords?,
        confirmations: [String] = [],
        times: StageTimes? = nil
    ) async -> (addresses: AddressFindings?, plan: RecordPlan) {
        guard let truth else { return (nil, RecordPlan(steps: [])) }
        let addresses = await findAddresses(for: hosts, times)
        let demand = DesiredState(
            hosts,
            refusals: refusals,
            addresses: addresses?.addresses ?? PublicAddresses(v4: nil, v6: nil),
            confirmations: confirmations
        )
        return (addresses, records.plan(demand, truth))
    }

    func planCertificates(
        _ hosts: [DesiredHost],
        _ zones: ZoneDirectory,
        _ truth: ActualRecords? = nil
    ) async -> CertificatePlan {
        guard switches.certificates else { return CertificatePlan(steps: []) }
        let knownRecords = KnownRecords(truth, wanted: hosts, by: records)
        return await certificates.plan(hosts, zones: zones, knownRecords: knownRecords)
    }

    /// Nil when no host needs them.
    func findAddresses(for hosts: [DesiredHost], _ times: StageTimes? = nil) async -> AddressFindings? {
        guard hosts.contains(where: { $0.target == .publicAddress }) else { return nil }
        return await times.measure(.address) { await address.find() }
    }

    private func applyRecords(
        _ hosts: [DesiredHost],
        _ refusals: [Refusal],
        _ truth: ActualRecords?,
        _ cause: RunCause,
        _ times: StageTimes,
        _ progress: @escaping ProgressHandler
    ) async -> RecordOutcomes {
        let (addresses, plan) = await planRecords(
            hosts,
            refusals,
            truth,
            confirmations: cause.confirmations,
            times: times
        )
        for step in plan.steps where step.isTold {
            progress(Progress(.record, step.host.text, .planned(step.action.planned)))
        }
        let results =
            Task.isCancelled ? [] : await times.measure(.record) { await records.apply(plan, progress: progress) }
        return RecordOutcomes(addresses: addresses, results: results, deletions: plan.deletions, sawAll: plan.sawAll)
    }

    private func applyCertificates(
        _ hosts: [DesiredHost],
        _ zones: ZoneDirectory,
        _ knownRecords: KnownRecords,
        _ cause: RunCause,
        _ progress: @escaping ProgressHandler
    ) async -> (results: [CertificateResult], trouble: String?) {
        guard switches.certificates else { return ([], nil) }
        await certificates.awaitOrphans()
        let plan = await certificates.plan(
            hosts,
            zones: zones,
            asksAuthority: true,
            knownRecords: knownRecords,
            confirmations: cause.confirmations
        )
        for step in plan.steps where !step.hosts.isEmpty {
            progress(Progress(.certificate, step.lineage, .planned(step.action.planned)))
        }
        guard !Task.isCancelled else { return ([], plan.holdReason) }
        return (await certificates.apply(plan, zones: zones, progress: progress), plan.holdReason)
    }

    private func signalTargets(
        _ cause: RunCause,
        _ draft: inout ReportDraft,
        _ progress: @escaping ProgressHandler
    ) async {
        guard switches.signals else { return }
        guard let present = draft.take(certificates.onDisk(), at: .signal) else { return }
        guard let plan = draft.take(await signals.plan(present), at: .signal) else { return }
        draft.note(plan.refusals)
        // Signals first: they are a matter of milliseconds.
        let results = await signals.apply(
            plan,
            certificates: present,
            retriesSilent: cause.asksForAll,
            progress: progress
        )
        draft.note(results)
        guard !Task.isCancelled else { return }
        let own = draft.lineagesOfServices
        let delivered = await secrets.deliver(present, own: own) { certificates.pair(of: $0) }
        if let results = draft.take(delivered, at: .signal) { draft.note(results) }
    }

    /// After something new, when everything is read, and until what was found wrong is well; otherwise it stands as it was.
    private func lookAtServers(_ cause: RunCause, _ draft: inout ReportDraft) async {
        guard switches.signals else { return }
        let checks = draft.checks(of: serving)
        let isFresh = draft.hasSignalled || draft.hasNewCertificate
        guard isFresh || cause.asksForAll || serving.isPending(checks) else {
            return draft.note(serving.lastResults(of: checks))
        }
        draft.note(await serving.run(checks, isFresh: isFresh, postponing: draft.hostsUnderWay))
    }

    private func told(_ report: Report) -> Report {
        guard !Task.isCancelled else { return report }
        notices.announce(report.conditions, unobserved: report.unseen, isClean: report.isClean)
        return report
    }
}

/// What the two steps of the records branch found.
struct RecordOutcomes: Sendable {
    let addresses: AddressFindings?
    let results: [RecordResult]
    let deletions: Deletions?
    /// Whether everything could be seen that the results rest on.
    let sawAll: Bool
}
