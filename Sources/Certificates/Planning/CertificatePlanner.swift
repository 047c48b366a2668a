import DNS
import Model

/// Decides what is to be done about certificates, purely: from labels, zones, disk, clock and the planner's context.
enum CertificatePlanner {
    static func plan(
        hosts: [DesiredHost],
        zones: ZoneDirectory,
        onDisk: Observation<[String: LineageOnDisk]>,
        failures: [String: FailureRecord],
        now: Timestamp,
        context: PlannerContext = PlannerContext()
    ) -> CertificatePlan {
        let requested = RequestedLineages(hosts, zones: zones, onDisk: onDisk.value ?? [:], in: context)
        var steps = requested.steps
        for request in requested.requests {
            switch onDisk {
            case .unavailable(let reason):
                steps.append(request.step(.wait("the certificate store cannot be read: \(reason)")))
            case .known(let lineages):
                let failure = failures[request.lineage]
                steps += RequestPlanner(request, lineages, zones, failure, now, context).steps
            }
        }
        // A name whose zone is not known now may mean any of them.
        if zones.failures.isEmpty { steps += unrequested(besides: steps, onDisk.value ?? [:], context) }
        let hasOrders = steps.contains(where: \.isOrder)
        if let reason = context.holdReason { steps = steps.map { $0.isOrder ? $0.waiting(reason) : $0 } }
        return CertificatePlan(
            steps: steps.sorted {
                ($0.lineage, $0.names.first?.text ?? "") < ($1.lineage, $1.names.first?.text ?? "")
            },
            holdReason: hasOrders ? context.holdReason : nil
        )
    }

    /// Certificates that Landfall ordered and no host requests.
    private static func unrequested(
        besides steps: [CertificateStep],
        _ onDisk: [String: LineageOnDisk],
        _ context: PlannerContext
    ) -> [CertificateStep] {
        let requested = Set(steps.flatMap { [$0.lineage] + [$0.coveredBy].compactMap(\.self) })
        return context.origins.filter { $0.value == .issued && !requested.contains($0.key) }.keys
            .compactMap { onDisk[$0]?.usable }
            .map {
                CertificateStep(lineage: $0.lineage, names: $0.names, hosts: [], action: .leave(notAfter: $0.notAfter))
            }
    }
}

/// Decides what is to be done about one request.
private struct RequestPlanner {
    private let request: LineageRequest
    private let onDisk: LineageOnDisk
    private let zones: ZoneDirectory
    private let failure: FailureRecord?
    private let now: Timestamp
    private let context: PlannerContext
    private let covering: CertificateOnDisk?

    init(
        _ request: LineageRequest,
        _ lineages: [String: LineageOnDisk],
        _ zones: ZoneDirectory,
        _ failure: FailureRecord?,
        _ now: Timestamp,
        _ context: PlannerContext
    ) {
        (self.request, self.zones, self.failure, self.now, self.context) = (request, zones, failure, now, context)
        onDisk = lineages[request.lineage] ?? .absent
        covering = CoveringCertificate.find(for: request, in: lineages, now: now, server: context.server)
    }

    var steps: [CertificateStep] {
        if let covering { return [request.step(.keep(notAfter: covering.notAfter), coveredBy: covering.lineage)] }
        let decision = decide(request.names)
        guard decision.isOrder else { return [step(decision)] }
        // Only an order needs DNS; and a name that cannot be validated must not hold up the names beside it.
        let challenges = ChallengeAvailability(request.names, zones: zones, in: context)
        let refused = challenges.refused.map { request.step(.refuse($0.reason), names: [$0.name]) }
        guard !challenges.served.isEmpty else { return refused }
        let order = step(decide(challenges.served), names: challenges.served)
        return refused + [order.isOrder ? reasonToWait(challenges).map(order.waiting) ?? order : order]
    }

    private func decide(_ names: [DomainName]) -> RenewalDecision {
        RenewalDecision(names, of: request.lineage, onDisk: onDisk, now: now, in: context)
    }

    private func reasonToWait(_ challenges: ChallengeAvailability) -> String? {
        if let reason = challenges.unavailable { return reason }
        guard let failure, let time = failure.retryTime(for: challenges.served, now: now) else { return nil }
        return "until \(time.minute) after a failure: \(failure.reason)"
    }

    private func step(_ decision: RenewalDecision, names: [DomainName]? = nil) -> CertificateStep {
        switch decision {
        case .keep(let certificate, let time): step(.keep(notAfter: certificate.notAfter), names, certificate, time)
        case .renew(let certificate, let time): step(.renew(notAfter: certificate.notAfter), names, certificate, time)
        case .issue(let reason): request.step(.issue(reason), names: names)
        case .refuse(let reason): request.step(.refuse(reason), names: names)
        }
    }

    private func step(
        _ action: CertificateStep.Action,
        _ names: [DomainName]?,
        _ certificate: CertificateOnDisk,
        _ time: RenewalTime
    ) -> CertificateStep {
        request.step(
            action,
            names: names,
            renewal: .init(at: time.at, rule: time.explanation(for: certificate)),
            remarks: remarks(on: certificate)
        )
    }

    private func remarks(on certificate: CertificateOnDisk) -> [String] {
        var remarks: [String] = []
        if let server = certificate.server, server != context.server {
            remarks.append(
                "it was issued by \(sanitized(server, limit: 100)); the next one will come from \(context.server)"
            )
        }
        let others = certificate.names.filter { name in !request.names.contains { $0.covers(name) } }
        if !others.isEmpty {
            let names = others.map(\.text).joined(separator: ", ")
            remarks.append("it also covers \(names), which no label requests; the next one will not")
        }
        return remarks
    }
}
