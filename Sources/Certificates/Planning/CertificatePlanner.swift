import DNS
import Model

/// Decides what is to be done about certificates, purely: from labels, zones, disk, clock and the planner's context.
struct CertificatePlanner {
    let zones: ZoneDirectory
    let onDisk: Observation<[String: LineageOnDisk]>
    let failures: [String: FailureRecord]
    let now: Timestamp
    var context = PlannerContext()

    func plan(_ hosts: [DesiredHost]) -> CertificatePlan {
        let requested = RequestedLineages(hosts, zones: zones, onDisk: onDisk.value ?? [:], in: context)
        var steps = requested.steps
        let kept = requested.requests.map(keepingNames)
        for request in kept + perhapsRequested(besides: requested) {
            switch onDisk {
            case .unavailable(let reason):
                steps.append(request.step(.wait("the certificate store cannot be read: \(reason)")))
            case .known(let lineages): steps += self.steps(for: request, lineages)
            }
        }
        // A name whose zone is not known now may mean any of them.
        if zones.failures.isEmpty { steps += unrequested(besides: steps) }
        var holdReasons: [String] = []
        steps = steps.map { step in
            guard step.isOrder, let hold = hold(on: step) else { return step }
            if !holdReasons.contains(hold.reason) { holdReasons.append(hold.reason) }
            return step.waiting(for: hold)
        }
        steps.sort { ($0.lineage, $0.names.first?.text ?? "") < ($1.lineage, $1.names.first?.text ?? "") }
        return CertificatePlan(steps: steps, holdReasons: holdReasons)
    }

    /// What holds an order and others with it: nothing may be ordered, or the last order failed for what they share.
    private func hold(on step: CertificateStep) -> CertificateStep.Hold? {
        if let reason = context.holdReason { return CertificateStep.Hold(reason: reason) }
        guard !context.isByHand else { return nil }
        return FailureRecord.commonKeys(profile: step.profile ?? context.profile).lazy.compactMap { failures[$0] }
            .compactMap { failure in failure.retryTime(for: [], now: now).map(failure.hold) }.first
    }

    /// Certificates that Landfall ordered and no label requests that can be read, but one that is rejected may mean: they are
    /// renewed, so that a slip in a label ends no certificate.
    private func perhapsRequested(besides requested: RequestedLineages) -> [LineageRequest] {
        let known = Set(requested.requests.map(\.lineage)).union(requested.steps.lineages)
        return context.origins.filter { $0.value == .issued && !known.contains($0.key) }.keys.sorted().compactMap {
            guard let refusal = context.rejected.refusal(of: $0), let present = onDisk.value?[$0]?.usable else {
                return nil
            }
            return LineageRequest(lineage: $0, names: present.names, by: refusal)
        }
    }

    /// The request, with the names of its present certificate while a rejected label of its service may mean them.
    private func keepingNames(_ request: LineageRequest) -> LineageRequest {
        guard request.isShared, context.origins[request.lineage] == .issued,
            let refusal = context.rejected.refusal(of: request.lineage),
            let present = onDisk.value?[request.lineage]?.usable
        else { return request }
        return request.keeping(present.names, for: refusal)
    }

    /// Certificates that Landfall ordered and no host requests.
    private func unrequested(besides steps: [CertificateStep]) -> [CertificateStep] {
        let requested = steps.lineages
        return context.origins.filter { $0.value == .issued && !requested.contains($0.key) }.keys
            .compactMap { onDisk.value?[$0]?.usable }
            .map {
                CertificateStep(lineage: $0.lineage, names: $0.names, hosts: [], action: .leave(notAfter: $0.notAfter))
            }
    }
}

extension [CertificateStep] {
    /// The lineages that are requested, and those that cover a request.
    var lineages: Set<String> {
        Set(filter { !$0.isRejection }.flatMap { [$0.lineage] + [$0.coveredBy].compactMap(\.self) })
    }
}

extension CertificatePlanner {
    private func steps(for request: LineageRequest, _ lineages: [String: LineageOnDisk]) -> [CertificateStep] {
        if let covering = CoveringCertificate.find(for: request, in: lineages, now: now, server: context.server) {
            return [request.step(.keep(notAfter: covering.notAfter), coveredBy: covering.lineage)]
        }
        let onDisk = lineages[request.lineage] ?? .absent
        let decision = RenewalDecision(request.names, of: request.lineage, onDisk: onDisk, now: now, in: context)
        guard decision.isOrder else { return [step(decision, of: request, request.names)] }
        // Only an order needs DNS; and a name that cannot be validated must not hold up the names beside it.
        var challenges = ChallengeAvailability(request.names, zones: zones, in: context)
        let limit = context.rules.nameLimit(profile: request.profile ?? context.profile)
        let excess = challenges.fit(into: limit, first: onDisk.certificate?.names ?? [])
        var refused = challenges.refused.map { request.step(.refuse($0.reason), names: [$0.name]) }
        if !excess.isEmpty {
            let count = challenges.served.count + excess.count
            let reason =
                "a certificate holds at most \(limit) names here, and live/\(request.lineage) is to hold \(count)"
            let advice = "give \(named(excess.map(\.text))) another one, by the labels of another service"
            refused.append(request.step(.refuse("\(reason); \(advice)"), names: excess))
        }
        // A wildcard's request names the zone as well, which alone serves none of the hosts.
        let isUseful = challenges.served.contains { name in request.hosts.contains { name.covers($0) } }
        return refused + (isUseful ? order(challenges, for: request, onDisk) : [])
    }

    /// The steps for names of which some may make every order fail.
    private func order(
        _ challenges: ChallengeAvailability,
        for request: LineageRequest,
        _ onDisk: LineageOnDisk
    ) -> [CertificateStep] {
        func decide(_ names: [DomainName]) -> RenewalDecision {
            RenewalDecision(names, of: request.lineage, onDisk: onDisk, now: now, in: context)
        }
        let names = challenges.served
        let failure = failures[request.lineage].flatMap { $0.names == names ? $0 : nil }
        let culprits = names.filter { challenges.unavailable[$0] != nil || failure?.isCulprit($0) ?? false }
        let hold = unavailability(challenges) ?? failureHold(failure, of: names, onDisk)
        let others = names.filter { !culprits.contains($0) }
        guard !culprits.isEmpty, !others.isEmpty else {
            let order = step(decide(names), of: request, names)
            return [order.isOrder ? order.waiting(for: hold) : order]
        }
        let rest = step(decide(others), of: request, others)
        func blame(_ consequence: String = "") -> String {
            CertificateStep.blame(culprits, in: request.lineage, isShared: request.isShared, consequence)
        }
        if rest.isOrder, canLeaveOut(failure, onDisk) {
            let reason = challenges.unavailable.values.min() ?? failure?.reason ?? ""
            let text = "\(blame(", which is ordered without it")): \(reason)"
            let order = rest.leavingOut(culprits).waiting(for: failureHold(failure, of: others, onDisk))
            return [order, request.step(.refuse(text), names: culprits)]
        }
        guard let hold = hold?.with("\(blame()): \(hold?.reason ?? "")") else {
            return [step(decide(names), of: request, names)]
        }
        guard rest.isOrder else { return [rest, request.step(.wait(hold.reason), names: culprits).waiting(for: hold)] }
        return [step(decide(names), of: request, names).waiting(for: hold)]
    }

    /// Whether so little is left of a certificate, or there has been none for so many tries, that a name that fails must not
    /// hold up the others any longer; one that the authority never certifies does not.
    private func canLeaveOut(_ failure: FailureRecord?, _ onDisk: LineageOnDisk) -> Bool {
        if failure?.isRefusal == true { return !context.isByHand }
        guard let certificate = onDisk.usable else { return (failure?.count ?? 0) > 1 && !context.isByHand }
        return now >= RenewalTime.latest(for: certificate)
    }

    private func unavailability(_ challenges: ChallengeAvailability) -> CertificateStep.Hold? {
        challenges.unavailable.values.min().map { CertificateStep.Hold(reason: $0) }
    }

    /// The pause after a failure of these names; a person who asks for a run ends it.
    private func failureHold(_ failure: FailureRecord?, of names: [DomainName], _ onDisk: LineageOnDisk)
        -> CertificateStep.Hold?
    {
        guard let failure, !context.isByHand,
            let time = failure.retryTime(for: names, now: now, end: onDisk.usable?.notAfter)
        else { return nil }
        return failure.hold(until: time)
    }
}

extension CertificatePlanner {
    private func step(_ decision: RenewalDecision, of request: LineageRequest, _ names: [DomainName]) -> CertificateStep
    {
        switch decision {
        case .issue(let reason): return request.step(.issue(reason), names: names)
        case .refuse(let reason): return request.step(.refuse(reason), names: names)
        case .keep(let certificate, let time), .renew(let certificate, let time):
            let notAfter = certificate.notAfter
            return request.step(
                decision.isOrder ? .renew(notAfter: notAfter) : .keep(notAfter: notAfter),
                names: names,
                renewal: .init(at: time.at, rule: time.explanation(for: certificate)),
                remarks: remarks(on: certificate, for: request)
            )
        }
    }

    private func remarks(on certificate: CertificateOnDisk, for request: LineageRequest) -> [String] {
        var remarks = [request.perhapsRequestedText].compactMap(\.self)
        if let server = certificate.server, server != context.server {
            let issuer = sanitized(server, limit: 100)
            remarks.append("it was issued by \(issuer); the next one will come from \(context.server)")
        }
        if request.profiles.count > 1 {
            let profiles = request.profiles.sorted().joined(separator: ", ")
            remarks.append("labels name different profiles for it (\(profiles)), so none of them counts")
        }
        let others = certificate.names.filter { name in !request.names.contains { $0.covers(name) } }
        if !others.isEmpty {
            let names = others.map(\.text).joined(separator: ", ")
            remarks.append("it also covers \(names), which no label requests; the next one will not")
        }
        return remarks
    }
}

/// For which of a request's names a dns-01 challenge can be solved now, and a certificate ordered.
struct ChallengeAvailability {
    private(set) var served: [DomainName] = []
    private(set) var refused: [(name: DomainName, reason: String)] = []
    /// Why a name's challenge cannot be solved now; nothing where it can.
    private(set) var unavailable: [DomainName: String] = [:]

    init(_ names: [DomainName], zones: ZoneDirectory, in context: PlannerContext = PlannerContext()) {
        for name in names {
            if let reason = context.rules.reason(against: name) ?? context.refusedByCAA[name] {
                refused.append((name, reason))
                continue
            }
            switch zones.find(name.withoutWildcard) {
            case .noZone where context.pluginSolvesChallenges, .gone where context.pluginSolvesChallenges,
                .unavailable where context.pluginSolvesChallenges:
                served.append(name)
            case .unserved(let entry, _) where context.pluginSolvesChallenges && !context.writes(entry):
                served.append(name)
            case .found where context.wildcardOnlyNames.contains(name): refused.append((name, Self.wildcardOnly(name)))
            case .found: addFound(name, context.rejectedChallenges[name])
            case .notAllowed: refused.append((name, Self.notAllowed(name)))
            case .noZone(let searched, let advice):
                refused.append((name, Self.noZone(name, searched: searched, advice: advice)))
            case .gone(_, let reason), .unserved(_, let reason): addFound(name, .waits(reason))
            case .unavailable(let reason):
                served.append(name)
                unavailable[name] = Self.unavailable(reason)
            }
        }
    }

    private mutating func addFound(_ name: DomainName, _ rejection: ChallengePlaces.Rejection?) {
        if case .refused(let reason) = rejection { return refused.append((name, reason)) }
        served.append(name)
        if case .waits(let reason) = rejection { unavailable[name] = reason }
    }

    /// Leaves out the names that others cover, which an authority refuses beside them, and as many as are too many for one
    /// certificate, which are returned: none that the present certificate has, unless it has too many.
    mutating func fit(into limit: Int, first present: [DomainName]) -> [DomainName] {
        let names = DomainName.withoutCovered(served)
        let held = names.filter(present.contains)
        let fitting = Set((held + names.filter { !held.contains($0) }).prefix(limit))
        served = names.filter(fitting.contains)
        return names.filter { !fitting.contains($0) }
    }

    private static func wildcardOnly(_ name: DomainName) -> String {
        "\(name) resolves only through a wildcard record, which would not cover it while the challenge exists; give it a "
            + "record of its own, or use `landfall.certificate: wildcard`"
    }

    static func notAllowed(_ name: DomainName) -> String { "\(name) is outside LANDFALL_ZONES" }

    static func noZone(_ name: DomainName, searched: [DomainName], advice: String? = nil) -> String {
        if let advice { return "\(noZone(name, searched: searched)); \(advice)" }
        guard !searched.isEmpty else {
            return "no DNS provider has a zone, so a challenge for \(name) cannot be answered"
        }
        let zones = searched.prefix(5).map(\.text).joined(separator: ", ") + (searched.count > 5 ? ", …" : "")
        return "\(name) is in none of the zones \(zones), so a challenge for it cannot be answered"
    }

    static func unavailable(_ reason: String) -> String { "the DNS zones cannot be read: \(reason)" }
}
