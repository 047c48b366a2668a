package import DNS
import Files
package import Log
package import Model
package import Ports
package import Report
package import State

/// The run's part for certificates: `plan` decides what is due, `apply` orders it with certbot, several at a time.
package struct CertificateStage: Sendable {
    let settings: CertbotSettings
    let store: CertificateStore
    let renewalCheck: RenewalCheck
    let failureStore: FailureStore
    let issuer: CertificateIssuer
    let lineages: LineageStore
    let renewalInformation: RenewalInformationStore
    let wildcardProbe: WildcardProbe?
    let caaLookup: CAALookup?
    let caaIdentityStore: StateStore.Namespace<CAAIdentities>
    let clockStore: ClockStore
    /// The services that requested a lineage when labels did the last time.
    let lineageRequesters: StateStore.Namespace<[String]>
    let clock: any Clock
    let transport: (any HTTPTransport)?
    let delivered: DeliveredCertificateStore
    private let keyGroup: KeyGroup?

    /// - Parameters:
    ///   - transport: for asking the authority when it wants certificates renewed; nil: it is not asked.
    ///   - wildcardProbe: for names whose zone was not read; nil: they count as names of their own.
    ///   - caaLookup: for the names in orders; nil: their CAA records are not read.
    package init(
        settings: CertbotSettings,
        files: any Files,
        processes: any ProcessRunner,
        transport: (any HTTPTransport)? = nil,
        wildcardProbe: WildcardProbe? = nil,
        caaLookup: CAALookup? = nil,
        state: StateStore,
        solver: DNS01Solver,
        clock: any Clock,
        log: Logger
    ) {
        self.settings = settings
        store = CertificateStore(directory: settings.configDirectory, files: files, clock: clock)
        renewalCheck = RenewalCheck(directory: settings.configDirectory, files: files)
        lineages = LineageStore(state: state)
        renewalInformation = RenewalInformationStore(state: state)
        (self.transport, self.wildcardProbe, self.caaLookup) = (transport, wildcardProbe, caaLookup)
        lineageRequesters = StateStore.Namespace("lineage-requesters", in: state)
        caaIdentityStore = StateStore.Namespace("caa-identities", in: state)
        failureStore = FailureStore(state: state, log: log)
        let ports = CertbotPorts(files: files, processes: processes, clock: clock)
        issuer = CertificateIssuer(settings: settings, solver: solver, state: state, ports: ports, log: log)
        keyGroup = settings.options.keyGroup.map {
            KeyGroup(group: $0, directory: settings.configDirectory, files: files, log: log)
        }
        clockStore = ClockStore(state: state)
        delivered = DeliveredCertificateStore(state: state)
        self.clock = clock
    }

    /// Waits up to one minute for certbot processes orphaned by a killed Landfall. Call it before a plan that is applied.
    package func awaitOrphans() async { await issuer.awaitOrphans() }

    /// Carries out a plan; one report per step, in the plan's order. Cancelling ends the certbots that run.
    package func apply(
        _ plan: CertificatePlan,
        zones: ZoneDirectory,
        progress: @escaping ProgressHandler
    ) async -> [CertificateReport] {
        // Since the plan was made, a zone may have turned out to be full.
        let plan = plan.holding(zones.full)
        remember(plan)
        let warnings = restoreLinks(plan.warnings)
        failureStore.removeObsolete(of: plan.steps, now: clock.now).forEach(issuer.removeLogs)
        let steps = plan.steps.filter(\.isOrder)
        let failures = failureStore.load().value
        let orders = steps.map { order($0, plan.onDisk ?? [:], failures) }
        let issued = await issuer.issue(orders, seen: plan.onDisk, zones: zones, progress: progress) {
            [failureStore, lineages, delivered, clock, profile = settings.options.profile] step, result in
            failureStore.save(result, of: step, profile: profile, now: clock.now)
            guard case .issued(let certificate, _) = result else { return }
            lineages.save(.issued, for: step.lineage)
            delivered.save(certificate)
        }
        // Without orders nothing has changed since the plan.
        let present = steps.isEmpty ? plan.onDisk ?? [:] : store.read().value ?? [:]
        // The keys of lineages that no label requests are not Landfall's.
        let used = Set(plan.steps.compactMap(\.usedLineage))
        keyGroup?.repair(used.filter { present[$0]?.usable != nil }.sorted())
        let results = Dictionary(zip(steps, issued)) { first, _ in first }
        return plan.report(present: present, warnings, results: results)
    }

    /// Saves what a plan has found out and the next one needs, the orders first: their remains are then known to be ours.
    private func remember(_ plan: CertificatePlan) {
        if plan.isClockBelieved { clockStore.save(clock.now) }
        if plan.isEmptyStoreConfirmed { lineages.saveStarted() }
        lineages.save(plan.originChanges)
        // One that stays as it was only lets more labels mean the lineage.
        if !plan.requesterChanges.isEmpty { try? lineageRequesters.commit(plan.requesterChanges) }
        lineages.saveOrders(of: plan.steps.filter(\.isOrder).map(\.lineage))
    }

    /// Saves that Landfall has started to use this store; from then on its DNS records do not prove that there were
    /// certificates. To be called before a run creates a record. Does nothing while it is unclear why the store is empty.
    ///
    /// - Parameter records: nil where certificates are switched off; they may be switched on one day.
    package func markStarted(_ records: KnownRecords?) {
        guard !lineages.hasStarted else { return }
        if let records {
            guard let origins = lineages.load().value, let onDisk = store.read().value,
                missingVolume(onDisk, origins, records) == nil
            else { return }
        }
        lineages.saveStarted()
    }

    /// How much a new certificate for `names` would count for, and how much of each of the authority's limits is used;
    /// empty where the authority has none.
    package func rateLimitUsage(of names: [DomainName]) -> Observation<[RateLimitUsage]> {
        let now = clock.now
        let order = OrderRecord(lineage: "", names: names, placed: now, isRenewal: false)
        return issuer.rateLimits.load(now: now).map { $0.usage(by: order, now: now) }
    }

    /// How much of every limit is used, as far as it is stored: the archive is not read.
    package func rateLimitUsage() -> Observation<[RateLimitUsage]> {
        let now = clock.now
        return issuer.rateLimits.loadStored(now: now).map { $0.usage(now: now) }
    }

    /// The lineages whose certificates Landfall ordered, as far as it knows.
    package var ordered: Set<String> { Set((lineages.load().value ?? [:]).filter { $0.value == .issued }.keys) }

    /// What is wrong with name servers, by zone, as of the last order in each: a sentence each.
    package func nameServerFaults() async -> [String: [String]] { await issuer.solver.nameServerFaults }

    package func pair(of lineage: String) -> Observation<CertificatePair> { store.pair(of: lineage) }

    /// By lineage.
    package var failures: [String: FailureRecord] {
        (failureStore.load().value ?? [:]).filter { !FailureRecord.isCommon($0.key) }
    }

    /// Why the last orders failed, where all others would fail for it too; a sentence each.
    package var commonFailures: [String] {
        (failureStore.load().value ?? [:]).filter { FailureRecord.isCommon($0.key) }.sorted { $0.key < $1.key }
            .map(\.value.reason)
    }

    /// Where they are, with `live` and `archive` in it.
    package var folder: String { settings.configDirectory }

    package func onDisk() -> Observation<[CertificateOnDisk]> {
        store.read().map { lineages in lineages.values.compactMap(\.usable).sorted { $0.lineage < $1.lineage } }
    }
}
