package import DNS
package import Model
import Ports
import State
import Threads

extension CertificateStage {
    /// Names that resolvers are asked about at a time.
    private static let width = 8

    /// Decides what is to be done, from the disk and the state, without certbot.
    ///
    /// - Parameters:
    ///   - asksAuthority: whether the authority may be asked when it wants certificates renewed.
    ///   - knownRecords: the DNS records that the run has read; resolvers are asked where they do not suffice.
    ///   - confirmations: what the person who asked for the run has confirmed.
    ///   - first: which service had each host first.
    ///   - isByHand: whether a person asks for the run, and not only for its plan.
    ///   - refusals: labels that are rejected; one may mean a certificate that no other label requests.
    package func plan(
        _ hosts: [DesiredHost],
        zones: ZoneDirectory,
        asksAuthority: Bool = false,
        knownRecords: KnownRecords = KnownRecords(),
        confirmations: [String] = [],
        first: FirstRequesters = FirstRequesters(),
        isByHand: Bool = false,
        refusals: [Refusal] = []
    ) async -> CertificatePlan {
        // Before the disk is read: what an orphan writes in between is not the last word.
        let busy = Set(issuer.busyLineages)
        let failures = failureStore.load()
        let onDisk = store.read()
        let origins = lineages.load()
        if asksAuthority { await askAuthority(about: hosts, zones, onDisk.value ?? [:]) }
        let isConfirmed = confirmations.contains(MissingVolumeGuard.confirmation)
        let doubt = isConfirmed ? nil : onDisk.value.flatMap { missingVolume($0, origins.value ?? [:], knownRecords) }
        var planner = CertificatePlanner(
            zones: zones,
            onDisk: onDisk,
            failures: failures.value ?? [:],
            now: clock.now,
            context: PlannerContext(
                server: settings.server,
                rules: settings.effectiveRules,
                profile: settings.options.profile,
                windows: renewalInformation.windows(),
                origins: origins.value ?? [:],
                clockReason: clockStore.load().reasonForDoubt(at: clock.now),
                // Without the stored failures every run would order again.
                holdReason: doubt ?? failures.reason ?? origins.reason,
                isByHand: isByHand,
                pluginSolvesChallenges: settings.authenticator.isPlugin,
                pluginProvider: settings.authenticator.plugin?.provider,
                first: first,
                rejected: RejectedRequests(refusals, requesters: lineageRequesters.allIfReadable())
            )
        )
        var plan = planner.plan(hosts)
        let jump = await checkJump(before: plan)
        if let reason = jump.reason {
            planner.context.clockReason = reason
            plan = planner.plan(hosts)
        }
        let unknown: Set<DomainName>
        (planner.context.wildcardOnlyNames, unknown) = await wildcardOnlyNames(in: plan, zones, knownRecords)
        let places = await challengePlaces(in: plan, zones, knownRecords)
        planner.context.rejectedChallenges = places.rejections
        if !planner.context.wildcardOnlyNames.isEmpty || !places.rejections.isEmpty { plan = planner.plan(hosts) }
        let caa = await caaFindings(on: plan, zones)
        planner.context.refusedByCAA = caa.refusals
        if !caa.refusals.isEmpty { plan = planner.plan(hosts) }
        let steps = plan.steps.map { $0.publishing(in: places.zones).holding(zones.full) }.map { step in
            busy.contains(step.lineage) && step.lacksCertificate
                ? step.with(.wait(issuer.reasonForWaiting(for: step.lineage)))
                : checkResolvers(checkStorage(step, onDisk.value), unknown)
        }
        return CertificatePlan(
            steps: checkRateLimits(steps, hosts, onDisk.value ?? [:], failures.value),
            holdReasons: plan.holdReasons,
            warnings: linkWarnings(steps),
            hints: Set(caa.hints).sorted(),
            onDisk: onDisk.value ?? [:],
            originChanges: doubt == nil
                ? originChanges(plan, onDisk.value, origins.value ?? [:], isConfirmed: isConfirmed) : [:],
            requesterChanges: requesterChanges(steps, origins.value ?? [:]),
            isEmptyStoreConfirmed: isConfirmed && onDisk.value != nil,
            isClockBelieved: jump.isBelieved
        )
    }

    /// Lets the authority confirm a clock that went ahead since the last run, before anything is ordered because of it.
    private func checkJump(before plan: CertificatePlan) async -> (isBelieved: Bool, reason: String?) {
        let history = clockStore.load()
        guard let transport, let lastRun = history.latest, history.hasJumped(at: clock.now) else { return (true, nil) }
        guard plan.hasOrders else { return (false, nil) }
        let authority = AuthorityClock(server: settings.server, transport: transport, clock: clock)
        let reason = await authority.reasonForDoubt(lastRun: lastRun)
        return (reason == nil, reason)
    }

    private func askAuthority(
        about hosts: [DesiredHost],
        _ zones: ZoneDirectory,
        _ onDisk: [String: LineageOnDisk]
    ) async {
        guard let transport else { return }
        let requested = RequestedLineages(hosts, zones: zones, onDisk: onDisk).requests.map(\.lineage)
        await RenewalInformation(
            server: settings.server,
            transport: transport,
            store: renewalInformation,
            clock: clock
        ).update(for: requested.sorted().compactMap { onDisk[$0]?.usable })
    }

    /// Lets a first order wait while it is unknown whether its challenge would take a name from its host.
    private func checkResolvers(_ step: CertificateStep, _ unknown: Set<DomainName>) -> CertificateStep {
        guard case .issue = step.action, let name = step.names.first(where: unknown.contains) else { return step }
        return step.with(.wait("no resolver could say whether \(name) resolves only through a wildcard record"))
    }

    /// Lets orders wait that would exceed a limit of the authority.
    private func checkRateLimits(
        _ steps: [CertificateStep],
        _ hosts: [DesiredHost],
        _ onDisk: [String: LineageOnDisk],
        _ failures: [String: FailureRecord]?
    ) -> [CertificateStep] {
        // The stored orders may be many, and a plan without orders does not need them.
        guard steps.contains(where: \.isOrder) else { return steps }
        switch issuer.rateLimits.load(now: clock.now) {
        case .unavailable(let reason): return steps.map { $0.isOrder ? $0.with(.wait(reason)) : $0 }
        case .known(let limiter):
            let steps = Self.sharingDomains(steps, with: hosts)
            return limiter.limiting(steps, now: clock.now) { order($0, onDisk, failures) }
        }
    }

    /// Notes of each order whether several services have hosts in one of its domains.
    private static func sharingDomains(_ steps: [CertificateStep], with hosts: [DesiredHost]) -> [CertificateStep] {
        let domains = Set(steps.filter(\.isOrder).flatMap(\.names.registeredDomains))
        var services: [DomainName: Set<Origin>] = [:]
        for host in hosts where host.certificate != .none {
            for domain in [host.name].registeredDomains where domains.contains(domain) {
                services[domain, default: []].insert(host.origin)
            }
        }
        return steps.map { step in
            step.isOrder
                ? step.sharing(step.names.registeredDomains.contains { services[$0, default: []].count > 1 }) : step
        }
    }

    func order(
        _ step: CertificateStep,
        _ onDisk: [String: LineageOnDisk],
        _ failures: [String: FailureRecord]?
    ) -> CertificateOrder {
        let failure = issuer.hasStaging ? failures?[step.lineage] : nil
        return CertificateOrder(step, at: settings.server, onDisk: onDisk, failure: failure, now: clock.now)
    }

    /// Where the challenges of orders are to be published.
    private func challengePlaces(
        in plan: CertificatePlan,
        _ zones: ZoneDirectory,
        _ knownRecords: KnownRecords
    ) async -> ChallengePlaces {
        let names = Set(plan.steps.filter(\.isOrder).flatMap(\.names)).filter { name in
            guard let plugin = settings.authenticator.plugin else { return true }
            guard case .found(let entry) = zones.find(name.withoutWildcard) else { return false }
            return entry.provider.name == plugin.provider
        }
        let follows = !settings.authenticator.isPlugin
        return await ChallengePlaces(of: names, in: zones, known: knownRecords.cuts, followsAliases: follows)
    }

    /// Names in orders that resolve only through a wildcard record, and those of which this is unknown.
    private func wildcardOnlyNames(
        in plan: CertificatePlan,
        _ zones: ZoneDirectory,
        _ knownRecords: KnownRecords
    ) async -> (found: Set<DomainName>, unknown: Set<DomainName>) {
        var byZone: [DomainName: [DomainName]] = [:]
        for name in Set(plan.steps.filter(\.isOrder).flatMap(\.names)).sorted() {
            if case .found(let entry) = zones.find(name.withoutWildcard) {
                byZone[entry.zone.name, default: []].append(name)
            }
        }
        var (found, unknown): (Set<DomainName>, Set<DomainName>) = ([], [])
        for (zone, names) in byZone.sorted(by: { $0.key < $1.key }) {
            if let names = knownRecords.wildcardOnly(among: names, in: zone) {
                found.formUnion(names)
                continue
            }
            // Where the internal view has the zone too, a resolver may show that one.
            guard let wildcardProbe, wildcardProbe.hasResolvers, !zones.isInternal(zone) else { continue }
            let asked = names.filter { $0.withoutWildcard != zone }
            let answers = await concurrentMap(asked, atMost: Self.width) {
                await wildcardProbe.resolvesOnlyByWildcard($0.withoutWildcard, scope: .host($0))
            }
            found.formUnion(zip(asked, answers).compactMap { $1 == true ? $0 : nil })
            unknown.formUnion(zip(asked, answers).compactMap { $1 == nil ? $0 : nil })
        }
        return (found, unknown)
    }

    /// Which services request each lineage, where that is not what is stored.
    private func requesterChanges(_ steps: [CertificateStep], _ origins: [String: LineageOrigin]) -> [String: [String]?]
    {
        let known = lineageRequesters.allIfReadable()
        var changes: [String: [String]?] = [:]
        for step in steps where !step.requesters.isEmpty && !step.isRejection && known[step.lineage] != step.requesters
        {
            changes[step.lineage] = step.requesters
        }
        let left = Set(steps.map(\.lineage)).union(origins.keys)
        for lineage in known.keys where !left.contains(lineage) { changes[lineage] = .some(nil) }
        return changes
    }

    /// What is to be remembered of lineages, where it differs from what is stored.
    ///
    /// - Parameter isConfirmed: whether a person has confirmed that what is not there is gone.
    private func originChanges(
        _ plan: CertificatePlan,
        _ onDisk: [String: LineageOnDisk]?,
        _ origins: [String: LineageOrigin],
        isConfirmed: Bool
    ) -> [String: LineageOrigin?] {
        guard let onDisk else { return [:] }
        var changes: [String: LineageOrigin?] = [:]
        for step in plan.steps {
            let lineage = step.coveredBy ?? step.lineage
            guard case .keep = step.action, onDisk[lineage]?.usable != nil else { continue }
            switch origins[lineage] {
            case nil: changes[lineage] = .used
            case .ordered: changes[lineage] = .issued
            case .issued, .used: break
            }
        }
        let requested = plan.steps.lineages
        for lineage in origins.keys where onDisk[lineage] ?? .absent == .absent {
            if isConfirmed || !requested.contains(lineage) { changes[lineage] = .some(nil) }
        }
        return changes
    }
}
