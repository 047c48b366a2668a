public import DNS
public import Log
public import Model
public import Ports
public import State

/// Certificates in the run: what is due is decided here, and got with certbot, side by side.
public struct CertificateStage: Sendable {
    let settings: CertbotSettings
    let store: CertificateStore
    let configurations: RenewalCheck
    let failures: FailureStore
    let workshop: CertificateIssuer
    let memory: LineageStore
    let renewals: RenewalInformationStore
    let look: WildcardProbe?
    let state: StateStore
    let clock: any Clock
    let transport: (any HTTPTransport)?
    private let keyGroup: KeyGroup?

    /// - Parameters:
    ///   - transport: for asking the authority when it would like certificates renewed; nil: it is not asked.
    ///   - look: for names whose zone was not read; nil: they are taken to be there.
    public init(
        settings: CertbotSettings,
        files: any Files,
        processes: any ProcessRunner,
        locks: any RecordLocks = SystemRecordLocks(),
        keys: any KeyFiles = SystemKeyFiles(),
        transport: (any HTTPTransport)? = nil,
        look: WildcardProbe? = nil,
        state: StateStore,
        desk: DNS01Solver,
        clock: any Clock,
        log: Logger
    ) {
        self.settings = settings
        store = CertificateStore(directory: settings.configDirectory, files: files, keys: keys, clock: clock)
        configurations = RenewalCheck(directory: settings.configDirectory, files: files)
        memory = LineageStore(state: state)
        renewals = RenewalInformationStore(state: state)
        (self.transport, self.look, self.state) = (transport, look, state)
        failures = FailureStore(state: state, log: log)
        workshop = CertificateIssuer(
            settings: settings,
            desk: desk,
            state: state,
            ports: CertbotPorts(files: files, keys: keys, locks: locks, processes: processes, clock: clock),
            log: log
        )
        keyGroup = settings.options.keyGroup.map {
            KeyGroup(group: $0, directory: settings.configDirectory, files: files, log: log)
        }
        self.clock = clock
    }

    /// Waits, no longer than a minute, for certbots that an earlier Landfall left at work when it was killed. To be called
    /// before a plan that is to be carried out.
    public func awaitOrphans() async {
        await workshop.orphans.awaitEnd()
    }

    /// Does it; one result per step, in the plan's order. Cancelling ends the certbots that run.
    public func apply(
        _ plan: CertificatePlan,
        zones: ZoneDirectory,
        progress: @escaping ProgressHandler
    ) async -> [CertificateResult] {
        remember(plan)
        failures.forgetPast(of: plan.steps, now: clock.now).forEach(workshop.forget)
        let steps = plan.steps.filter(\.isOrder)
        let known = failures.all()
        let orders = steps.map { order($0, plan.onDisk ?? [:], known.value) }
        let ends = await workshop.fulfil(orders, seen: plan.onDisk, zones: zones, progress: progress) {
            [failures, memory, clock] step, end in
            failures.note(end, of: step, now: clock.now)
            if end.isIssued { memory.noteIssue(of: step.lineage) }
        }
        // What nobody has written to is as it was.
        let present = steps.isEmpty ? plan.onDisk ?? [:] : store.read().value ?? [:]
        // The keys of lineages that no label names are none of ours to open.
        let used = Set(plan.steps.map { $0.standIn ?? $0.lineage })
        keyGroup?.mend(used.filter { present[$0]?.usable != nil }.sorted())
        return results(of: plan, Dictionary(zip(steps, ends)) { first, _ in first }, present)
    }

    /// Whatever a plan has found out that the next one needs; the orders first, so that their remains are known to be ours.
    private func remember(_ plan: CertificatePlan) {
        let past = ClockStore(state)
        past.noting(clock.now).replace(past, in: state)
        memory.commit(plan.notes)
        memory.noteOrders(of: plan.steps.filter(\.isOrder).map(\.lineage))
    }

    /// What a plan without orders comes to.
    public func standing(of plan: CertificatePlan) -> [CertificateResult] {
        results(of: plan, [:], plan.onDisk ?? [:])
    }

    private func results(
        of plan: CertificatePlan,
        _ ends: [CertificateStep: CertbotRun.End],
        _ present: [String: LineageOnDisk]
    ) -> [CertificateResult] {
        plan.steps.map { step in
            CertificateResult(
                lineage: step.lineage,
                names: step.names,
                hosts: step.hosts,
                outcome: step.outcome(ends[step]),
                onDisk: present[step.standIn ?? step.lineage]?.usable
            )
        }
    }

    /// To be called before a run makes its first record: from then on, records of ours are no reason to expect certificates
    /// where none were. Does nothing in an empty store that is not believed.
    public func begin(_ sight: KnownRecords) {
        guard let past = memory.read().value, past[LineageStore.begun] == nil, let onDisk = store.read().value,
            MissingVolumeGuard.trouble(settings.configDirectory, onDisk, past: past, recordsAreOurs: sight.holdsOurs)
                == nil
        else { return }
        memory.commit([LineageStore.begun: ""])
    }

    /// As `begin`, where certificates are switched off and may be switched on one day.
    public func stayOff() {
        if memory.read().value?[LineageStore.begun] == nil { memory.commit([LineageStore.begun: ""]) }
    }

    /// What a new certificate for `names` would count for at the authority, and how much of each limit is used; empty
    /// where it has none.
    public func limitUses(of names: [DomainName]) -> Observation<[RateLimitUsage]> {
        let now = clock.now
        let order = OrderRecord(lineage: "", names: names, placed: now, isRenewal: false)
        return workshop.office.book.read(now: now).map { $0.uses(by: order, now: now) }
    }

    /// How much is used of every limit of which anything is, as far as it is written down: the archive is not looked into.
    public func limitUses() -> Observation<[RateLimitUsage]> {
        let now = clock.now
        return workshop.office.book.written(now: now).map { $0.uses(now: now) }
    }

    /// The files of a lineage, to be handed on.
    public func pair(of lineage: String) -> Observation<CertificatePair> { store.pair(of: lineage) }

    /// The failures of every lineage since its last success.
    public var failing: [String: FailureRecord] { failures.all().value ?? [:] }

    /// Every usable certificate in the store.
    public func onDisk() -> Observation<[CertificateOnDisk]> {
        store.read().map { lineages in lineages.values.compactMap(\.usable).sorted { $0.lineage < $1.lineage } }
    }
}

extension CertificateStep {
    /// Whether certbot is needed.
    public var isOrder: Bool {
        switch action {
        case .issue, .renew: true
        case .keep, .leave, .refuse, .wait: false
        }
    }

    /// Whether what the disk shows is not what is wanted.
    var isUnfit: Bool {
        switch action {
        case .issue, .renew, .refuse: true
        case .keep, .leave, .wait: false
        }
    }

    func held(_ reason: String) -> CertificateStep { doing(.wait(reason)) }

    /// - Parameter end: Of its order, when it was one.
    func outcome(_ end: CertbotRun.End?) -> Outcome {
        switch (action, end) {
        case (.renew, .issued(let certificate, let complaint)?): .changed("renewed", certificate, complaint)
        case (_, .issued(let certificate, let complaint)?): .changed("issued", certificate, complaint)
        case (_, .failed(let failure)?): .failed(failure.reason)
        case (.refuse(let reason), nil): .refused(reason)
        case (.wait(let reason), nil): .failed(reason)
        case (.keep, nil), (.leave, nil), (.issue, nil), (.renew, nil): .unchanged
        }
    }
}

extension Outcome {
    fileprivate static func changed(_ verb: String, _ certificate: CertificateOnDisk, _ complaint: String?) -> Outcome {
        .changed("\(verb), valid until \(certificate.notAfter.day)" + (complaint.map { "; \($0)" } ?? ""))
    }
}
