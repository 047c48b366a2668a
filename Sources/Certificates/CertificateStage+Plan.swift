public import DNS
public import Model
import Ports
import Threads

extension CertificateStage {
    /// Names that resolvers are asked about at a time.
    private static let width = 8

    /// What is to be done. Reads the disk and the state; no certbot is started to find out.
    ///
    /// - Parameters:
    ///   - asking: whether the authority may be asked when it would like certificates renewed. It seldom is, and nothing
    ///     depends on its answer.
    ///   - sight: what the run saw of DNS; where it saw nothing and something is to be ordered, resolvers are asked.
    ///   - confirmations: what a person said who asked for the run.
    public func plan(
        _ hosts: [DesiredHost],
        zones: ZoneDirectory,
        asking: Bool = false,
        sight: KnownRecords = KnownRecords(),
        confirmations: [String] = []
    ) async -> CertificatePlan {
        // Looked for before the disk is read: what one writes in between is then not taken for the last word.
        let busy = Set(workshop.orphans.lineages)
        let failed = failures.all()
        let onDisk = store.read()
        let past = memory.read()
        if asking { await askAuthority(about: hosts, zones, onDisk.value ?? [:]) }
        var world = PlannerContext(
            server: settings.server,
            windows: renewals.windows(),
            past: past.value ?? [:],
            clockTrouble: ClockStore(state).trouble(at: clock.now)
        )
        if case .plugin = settings.authenticator { world.pluginAnswers = true }
        let isConfirmed = confirmations.contains(MissingVolumeGuard.confirmation)
        let emptiness = isConfirmed ? nil : emptiness(onDisk.value, world.past, sight)
        // Without a memory of failures every run would order again.
        world.obstacle = emptiness ?? failed.reason ?? past.reason
        func decide() -> CertificatePlan {
            CertificatePlanner.plan(
                hosts: hosts,
                zones: zones,
                onDisk: onDisk,
                failures: failed.value ?? [:],
                now: clock.now,
                circumstances: world
            )
        }
        var plan = decide()
        let unseen: Set<DomainName>
        (world.shadows, unseen) = await shadows(of: plan, zones, sight)
        if !world.shadows.isEmpty { plan = decide() }
        let steps = plan.steps.map { step in
            busy.contains(step.lineage) && step.isUnfit
                ? step.held(workshop.orphans.reason(toLeave: step.lineage))
                : sure(fit(step, onDisk.value), unseen)
        }
        return CertificatePlan(
            steps: limited(steps, onDisk.value ?? [:], failed.value),
            trouble: plan.trouble,
            onDisk: onDisk.value ?? [:],
            notes: emptiness == nil ? notes(on: plan, onDisk.value, world.past, isConfirmed: isConfirmed) : [:]
        )
    }

    /// Refuses an order where certbot would not store what it got where it belongs.
    private func fit(_ step: CertificateStep, _ onDisk: [String: LineageOnDisk]?) -> CertificateStep {
        guard step.isOrder, onDisk?[step.lineage]?.certificate != nil,
            let problem = configurations.problem(with: step.lineage)
        else { return step }
        return step.doing(.refuse(problem))
    }

    /// The orders waiting that a limit of the authority holds.
    private func limited(
        _ steps: [CertificateStep],
        _ onDisk: [String: LineageOnDisk],
        _ failures: [String: FailureRecord]?
    ) -> [CertificateStep] {
        // The ledger is of no use to a plan without orders, and it may be long.
        guard steps.contains(where: \.isOrder) else { return steps }
        switch workshop.office.book.read(now: clock.now) {
        case .unavailable(let reason): return steps.map { $0.isOrder ? $0.held(reason) : $0 }
        case .known(let ledger): return ledger.holding(steps, now: clock.now) { order($0, onDisk, failures) }
        }
    }

    func order(
        _ step: CertificateStep,
        _ onDisk: [String: LineageOnDisk],
        _ failures: [String: FailureRecord]?
    ) -> CertificateOrder {
        let failure = workshop.hasStaging ? failures?[step.lineage] : nil
        return CertificateOrder(step, at: settings.server, onDisk: onDisk, failure: failure, now: clock.now)
    }

    private func askAuthority(
        about hosts: [DesiredHost],
        _ zones: ZoneDirectory,
        _ onDisk: [String: LineageOnDisk]
    ) async {
        guard let transport else { return }
        let requested = RequestedLineages(hosts, zones: zones, onDisk: onDisk).requests.map(\.lineage)
        await RenewalInformation(server: settings.server, transport: transport, memory: renewals, clock: clock)
            .ask(about: requested.sorted().compactMap { onDisk[$0]?.usable })
    }

    private func emptiness(
        _ onDisk: [String: LineageOnDisk]?,
        _ past: [String: String],
        _ sight: KnownRecords
    ) -> String? {
        onDisk.flatMap {
            MissingVolumeGuard.trouble(settings.configDirectory, $0, past: past, recordsAreOurs: sight.holdsOurs)
        }
    }

    /// Holds a first order for a name of which nobody tells whether a challenge would take it from its host.
    private func sure(_ step: CertificateStep, _ unseen: Set<DomainName>) -> CertificateStep {
        guard case .issue = step.action, let name = step.names.first(where: unseen.contains) else { return step }
        return step.held("no resolver tells whether \(name) resolves only through a wildcard record")
    }

    /// Names in orders that a challenge would take from their hosts, and those of which nobody can tell.
    private func shadows(
        of plan: CertificatePlan,
        _ zones: ZoneDirectory,
        _ sight: KnownRecords
    ) async -> (shadows: Set<DomainName>, unseen: Set<DomainName>) {
        let names = Set(plan.steps.filter(\.isOrder).flatMap(\.names)).sorted()
        var byZone: [DomainName: [DomainName]] = [:]
        for name in names {
            if case .found(let entry) = zones.find(name.withoutWildcard) {
                byZone[entry.zone.name, default: []].append(name)
            }
        }
        var (shadows, unseen): (Set<DomainName>, Set<DomainName>) = ([], [])
        for (zone, names) in byZone.sorted(by: { $0.key < $1.key }) {
            if let seen = sight.shadows(among: names, in: zone) {
                shadows.formUnion(seen)
                continue
            }
            guard let look, look.hasResolvers else { continue }
            let asked = names.filter { $0.withoutWildcard != zone }
            let answers = await concurrentMap(asked, atMost: Self.width) {
                await look.resolvesOnlyByWildcard($0.withoutWildcard, scope: .host($0))
            }
            shadows.formUnion(zip(asked, answers).compactMap { $1 == true ? $0 : nil })
            unseen.formUnion(zip(asked, answers).compactMap { $1 == nil ? $0 : nil })
        }
        return (shadows, unseen)
    }

    /// What is to be remembered of lineages, where it is not yet.
    ///
    /// - Parameter isConfirmed: whether a person says that what is not there is gone.
    private func notes(
        on plan: CertificatePlan,
        _ onDisk: [String: LineageOnDisk]?,
        _ past: [String: String],
        isConfirmed: Bool
    ) -> [String: String?] {
        guard let onDisk else { return [:] }
        var notes: [String: String?] = isConfirmed ? [LineageStore.begun: ""] : [:]
        for step in plan.steps {
            let lineage = step.standIn ?? step.lineage
            guard case .keep = step.action, onDisk[lineage]?.usable != nil else { continue }
            switch past[lineage].flatMap(LineageStore.LineageOrigin.init) {
            case nil: notes[lineage] = LineageStore.LineageOrigin.used.rawValue
            case .ordered: notes[lineage] = LineageStore.LineageOrigin.issued.rawValue
            case .issued, .used: break
            }
        }
        let asked = Set(plan.steps.flatMap { [$0.lineage] + [$0.standIn].compactMap(\.self) })
        for lineage in past.keys where lineage != LineageStore.begun && onDisk[lineage] ?? .absent == .absent {
            if isConfirmed || !asked.contains(lineage) { notes[lineage] = .some(nil) }
        }
        return notes
    }
}
