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
        let hasOrders = steps.contains(where: \.isOrder)
        if let reason = context.holdReason { steps = steps.map { $0.isOrder ? $0.with(.wait(reason)) : $0 } }
        steps.sort { ($0.lineage, $0.names.first?.text ?? "") < ($1.lineage, $1.names.first?.text ?? "") }
        return CertificatePlan(steps: steps, holdReason: hasOrders ? context.holdReason : nil)
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
        let challenges = ChallengeAvailability(request.names, zones: zones, in: context)
        let refused = challenges.refused.map { request.step(.refuse($0.reason), names: [$0.name]) }
        let served = challenges.served
        guard !served.isEmpty else { return refused }
        let other = RenewalDecision(served, of: request.lineage, onDisk: onDisk, now: now, in: context)
        let order = step(other, of: request, served)
        guard order.isOrder, let reason = reasonToWait(challenges, failures[request.lineage]) else {
            return refused + [order]
        }
        return refused + [order.with(.wait(reason))]
    }

    private func reasonToWait(_ challenges: ChallengeAvailability, _ failure: FailureRecord?) -> String? {
        if let reason = challenges.unavailable { return reason }
        guard let failure, let time = failure.retryTime(for: challenges.served, now: now) else { return nil }
        return "until \(time.minute) after a failure: \(failure.reason)"
    }

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
        let others = certificate.names.filter { name in !request.names.contains { $0.covers(name) } }
        if !others.isEmpty {
            let names = others.map(\.text).joined(separator: ", ")
            remarks.append("it also covers \(names), which no label requests; the next one will not")
        }
        return remarks
    }
}

/// For which of a request's names a dns-01 challenge can be solved now.
struct ChallengeAvailability {
    private(set) var served: [DomainName] = []
    private(set) var refused: [(name: DomainName, reason: String)] = []
    /// Why none can be solved now; nil where they can.
    private(set) var unavailable: String?

    init(_ names: [DomainName], zones: ZoneDirectory, in context: PlannerContext = PlannerContext()) {
        for name in names {
            if let reason = context.refusedByCAA[name] {
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
                unavailable = Self.unavailable(reason)
            }
        }
    }

    private mutating func addFound(_ name: DomainName, _ rejection: ChallengePlaces.Rejection?) {
        if case .refused(let reason) = rejection { return refused.append((name, reason)) }
        served.append(name)
        if case .waits(let reason) = rejection { unavailable = reason }
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
