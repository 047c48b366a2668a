public import DNS
public import Model

/// Decides what is to be done about certificates: from the labels, the zones, the disk and the clock alone.
public enum CertificatePlanner {
    public static func plan(
        hosts: [DesiredHost],
        zones: ZoneDirectory,
        onDisk: Observation<[String: LineageOnDisk]>,
        failures: [String: FailureRecord],
        now: Timestamp
    ) -> CertificatePlan {
        let requested = RequestedLineages(hosts, zones: zones, onDisk: onDisk.value ?? [:])
        var steps = requested.steps
        for request in requested.requests {
            switch onDisk {
            case .unavailable(let reason):
                steps.append(request.step(.wait("the certificate store cannot be read: \(reason)")))
            case .known(let lineages):
                let disk = lineages[request.lineage] ?? .absent
                let failure = failures[request.lineage]
                steps += Self.steps(for: request, onDisk: disk, zones: zones, failure: failure, now: now)
            }
        }
        return CertificatePlan(steps: steps.sorted(by: isBefore))
    }

    private static func steps(
        for request: LineageRequest,
        onDisk: LineageOnDisk,
        zones: ZoneDirectory,
        failure: FailureRecord?,
        now: Timestamp
    ) -> [CertificateStep] {
        switch Due(request.names, onDisk: onDisk, now: now) {
        case .no(let notAfter): return [request.step(.keep(notAfter: notAfter))]
        case .refuse(let reason): return [request.step(.refuse(reason))]
        case .issue, .renew: break
        }
        // Only an order needs DNS; and a name that DNS cannot answer for must not hold up the names beside it.
        let reach = DNSReach(request.names, zones: zones)
        let refused = reach.refused.map { request.step(.refuse($0.reason), names: [$0.name]) }
        guard !reach.served.isEmpty else { return refused }
        let action: CertificateStep.Action =
            switch Due(reach.served, onDisk: onDisk, now: now) {
            case .no(let notAfter): .keep(notAfter: notAfter)
            case .refuse(let reason): .refuse(reason)
            case .issue(let reason): hold(reach, failure, now) ?? .issue(reason)
            case .renew(let notAfter): hold(reach, failure, now) ?? .renew(notAfter: notAfter)
            }
        return refused + [request.step(action, names: reach.served)]
    }

    private static func hold(_ reach: DNSReach, _ failure: FailureRecord?, _ now: Timestamp) -> CertificateStep.Action?
    {
        if let reason = reach.unavailable { return .wait(reason) }
        guard let failure, let until = failure.blocks(reach.served, now: now) else { return nil }
        return .wait("until \(until.minute): last failure: \(failure.reason)")
    }

    private static func isBefore(_ left: CertificateStep, _ right: CertificateStep) -> Bool {
        (left.lineage, left.names.first?.text ?? "") < (right.lineage, right.names.first?.text ?? "")
    }
}
