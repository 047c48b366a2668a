public import DNS
public import Model
import Ports

/// Decides what is to be done about certificates: from the labels, the zones, the disk and the clock alone, and what else is
/// known.
public enum CertificatePlanner {
    public static func plan(
        hosts: [DesiredHost],
        zones: ZoneDirectory,
        onDisk: Observation<[String: LineageOnDisk]>,
        failures: [String: FailureRecord],
        now: Timestamp,
        circumstances world: PlannerContext = PlannerContext()
    ) -> CertificatePlan {
        let requested = RequestedLineages(hosts, zones: zones, onDisk: onDisk.value ?? [:], in: world)
        var steps = requested.steps
        for request in requested.requests {
            switch onDisk {
            case .unavailable(let reason):
                steps.append(request.step(.wait("the certificate store cannot be read: \(reason)")))
            case .known(let lineages):
                steps += PlanBuilder(request, lineages, zones, failures[request.lineage], now, world).steps
            }
        }
        // A name that cannot be placed now may mean any of them.
        if zones.failures.isEmpty { steps += unasked(besides: steps, onDisk.value ?? [:], world) }
        let orders = steps.filter(\.isOrder)
        return CertificatePlan(
            steps: steps.map { step in world.obstacle.map { step.isOrder ? step.held($0) : step } ?? step }
                .sorted(by: isBefore),
            trouble: orders.isEmpty ? nil : world.obstacle
        )
    }

    /// Certificates that we ordered and no host asks for.
    private static func unasked(
        besides steps: [CertificateStep],
        _ onDisk: [String: LineageOnDisk],
        _ world: PlannerContext
    ) -> [CertificateStep] {
        let asked = Set(steps.flatMap { [$0.lineage] + [$0.standIn].compactMap(\.self) })
        return world.past.filter { $0.value == LineageStore.LineageOrigin.issued.rawValue && !asked.contains($0.key) }
            .keys
            .compactMap { onDisk[$0]?.usable }
            .map {
                CertificateStep(lineage: $0.lineage, names: $0.names, hosts: [], action: .leave(notAfter: $0.notAfter))
            }
    }

    private static func isBefore(_ left: CertificateStep, _ right: CertificateStep) -> Bool {
        (left.lineage, left.names.first?.text ?? "") < (right.lineage, right.names.first?.text ?? "")
    }
}

/// What is to be done about one request.
private struct PlanBuilder {
    private let request: LineageRequest
    private let onDisk: LineageOnDisk
    private let zones: ZoneDirectory
    private let failure: FailureRecord?
    private let now: Timestamp
    private let world: PlannerContext
    private let standIn: CertificateOnDisk?

    init(
        _ request: LineageRequest,
        _ lineages: [String: LineageOnDisk],
        _ zones: ZoneDirectory,
        _ failure: FailureRecord?,
        _ now: Timestamp,
        _ world: PlannerContext
    ) {
        (self.request, self.zones, self.failure, self.now, self.world) = (request, zones, failure, now, world)
        onDisk = lineages[request.lineage] ?? .absent
        standIn = CoveringCertificate.find(for: request, in: lineages, now: now, server: world.server)
    }

    var steps: [CertificateStep] {
        if let standIn { return [request.step(.keep(notAfter: standIn.notAfter), standIn: standIn.lineage)] }
        let due = due(request.names)
        switch due {
        case .no, .refuse: return [step(due)]
        case .issue, .renew: break
        }
        // Only an order needs DNS; and a name that DNS cannot answer for must not hold up the names beside it.
        let reach = DNSReach(request.names, zones: zones, in: world)
        let refused = reach.refused.map { request.step(.refuse($0.reason), names: [$0.name]) }
        guard !reach.served.isEmpty else { return refused }
        let order = step(self.due(reach.served), names: reach.served)
        return refused + [order.isOrder ? hold(reach).map(order.doing) ?? order : order]
    }

    private func due(_ names: [DomainName]) -> RenewalDecision {
        RenewalDecision(names, of: request.lineage, onDisk: onDisk, now: now, in: world)
    }

    private func hold(_ reach: DNSReach) -> CertificateStep.Action? {
        if let reason = reach.unavailable { return .wait(reason) }
        guard let failure, let until = failure.blocks(reach.served, now: now) else { return nil }
        return .wait("until \(until.minute): last failure: \(failure.reason)")
    }

    private func step(_ due: RenewalDecision, names: [DomainName]? = nil) -> CertificateStep {
        switch due {
        case .no(let certificate, let time):
            request.step(
                .keep(notAfter: certificate.notAfter),
                names: names,
                renewal: .init(at: time.at, rule: time.words(for: certificate)),
                remarks: remarks(on: certificate)
            )
        case .renew(let certificate, let time):
            request.step(
                .renew(notAfter: certificate.notAfter),
                names: names,
                renewal: .init(at: time.at, rule: time.words(for: certificate)),
                remarks: remarks(on: certificate)
            )
        case .issue(let reason): request.step(.issue(reason), names: names)
        case .refuse(let reason): request.step(.refuse(reason), names: names)
        }
    }

    private func remarks(on certificate: CertificateOnDisk) -> [String] {
        var remarks: [String] = []
        if let server = certificate.server, server != world.server {
            remarks.append("it is from \(sanitized(server, limit: 100)); the next one will be from \(world.server)")
        }
        let others = certificate.names.filter { name in !request.names.contains { $0.covers(name) } }
        if !others.isEmpty {
            remarks.append(
                "it names \(others.map(\.text).joined(separator: ", ")) too, which no label asks for; the next one will not"
            )
        }
        return remarks
    }
}
