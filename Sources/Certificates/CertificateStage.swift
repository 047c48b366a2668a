public import DNS
public import Files
public import Log
public import Model
public import Processes
public import State
public import Timing

/// Certificates in the run: what is due is decided here, and got with certbot, side by side.
public struct CertificateStage: Sendable {
    private let settings: CertbotSettings
    private let store: CertificateStore
    private let failures: FailureRecords
    private let workshop: CertbotWorkshop
    private let clock: any Clock

    public init(
        settings: CertbotSettings,
        files: any Files,
        processes: any ProcessRunner,
        locks: any RecordLocks = SystemRecordLocks(),
        keys: any KeyFiles = SystemKeyFiles(),
        state: StateStore,
        desk: ChallengeDesk,
        clock: any Clock,
        log: Logger
    ) {
        self.settings = settings
        store = CertificateStore(directory: settings.configDirectory, files: files, keys: keys)
        failures = FailureRecords(state: state, log: log)
        workshop = CertbotWorkshop(
            settings: settings,
            desk: desk,
            files: files,
            keys: keys,
            locks: locks,
            processes: processes,
            clock: clock,
            log: log
        )
        self.clock = clock
    }

    /// Waits, no longer than a minute, for certbots that an earlier Landfall left at work when it was killed. To be called
    /// before a plan that is to be carried out.
    public func awaitOrphans() async {
        await workshop.orphans.awaitEnd()
    }

    /// What is to be done. Reads the disk and the state; no certbot is started to find out.
    public func plan(_ hosts: [DesiredHost], zones: ZoneDirectory) async -> CertificatePlan {
        // Looked for before the disk is read: what one writes in between is then not taken for the last word.
        let busy = Set(workshop.orphans.lineages)
        let known = failures.all()
        let plan = CertificatePlanner.plan(
            hosts: hosts,
            zones: zones,
            onDisk: store.read(),
            failures: known.value ?? [:],
            now: clock.now
        )
        return CertificatePlan(
            steps: plan.steps.map { step in
                if busy.contains(step.lineage), step.isUnfit {
                    return step.held(workshop.orphans.reason(toLeave: step.lineage))
                }
                // Without a memory of failures every run would order again.
                return known.reason.map { step.isOrder ? step.held($0) : step } ?? step
            }
        )
    }

    /// Does it; one result per step, in the plan's order. Cancelling ends the certbots that run.
    public func apply(
        _ plan: CertificatePlan,
        zones: ZoneDirectory,
        progress: @escaping ProgressHandler
    ) async -> [CertificateResult] {
        let orders = plan.steps.filter(\.isOrder)
        let ends = await workshop.fulfil(orders, zones: zones, progress: progress) { [failures, clock] order, end in
            failures.note(end, of: order, now: clock.now)
        }
        return results(of: plan, Dictionary(zip(orders, ends)) { first, _ in first })
    }

    /// What a plan without orders comes to; reads the disk.
    public func standing(of plan: CertificatePlan) -> [CertificateResult] {
        results(of: plan, [:])
    }

    private func results(
        of plan: CertificatePlan,
        _ ends: [CertificateStep: CertbotAttempt.End]
    ) -> [CertificateResult] {
        let present = store.read().value ?? [:]
        return plan.steps.map { step in
            CertificateResult(
                lineage: step.lineage,
                names: step.names,
                hosts: step.hosts,
                outcome: step.outcome(ends[step]),
                onDisk: present[step.lineage]?.usable
            )
        }
    }

    /// The files of a lineage, to be handed on.
    public func pair(of lineage: String) -> Observation<CertificatePair> { store.pair(of: lineage) }

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
        case .keep, .refuse, .wait: false
        }
    }

    /// Whether what the disk shows is not what is wanted.
    fileprivate var isUnfit: Bool {
        switch action {
        case .issue, .renew, .refuse: true
        case .keep, .wait: false
        }
    }

    func held(_ reason: String) -> CertificateStep {
        CertificateStep(lineage: lineage, names: names, hosts: hosts, action: .wait(reason))
    }

    /// - Parameter end: Of its order, when it was one.
    func outcome(_ end: CertbotAttempt.End?) -> Outcome {
        switch (action, end) {
        case (.renew, .issued(let certificate)?): .changed("renewed, valid until \(certificate.notAfter.day)")
        case (_, .issued(let certificate)?): .changed("issued, valid until \(certificate.notAfter.day)")
        case (_, .failed(let failure)?): .failed(failure.reason)
        case (.refuse(let reason), nil): .refused(reason)
        case (.wait(let reason), nil): .failed(reason)
        case (.keep, nil), (.issue, nil), (.renew, nil): .unchanged
        }
    }
}
