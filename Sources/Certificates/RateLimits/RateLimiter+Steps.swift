import Model

extension RateLimiter {
    /// The steps with the orders waiting that a limit holds. Those that are placed count for the ones after them, so that a
    /// run as a whole keeps the limits.
    func holding(
        _ steps: [CertificateStep],
        now: Timestamp,
        order: (CertificateStep) -> CertificateOrder
    ) -> [CertificateStep] {
        var ledger = self
        return steps.map { step in
            guard step.isOrder else { return step }
            let order = order(step)
            let entry = order.entry(at: now)
            if !order.isUrgent, let hold = ledger.hold(on: entry, now: now) { return step.held(hold.sentence) }
            ledger.enter(entry)
            return order.isDoubtful ? step.rehearsedFirst : step
        }
    }
}

extension CertificateStep {
    fileprivate var rehearsedFirst: CertificateStep {
        guard case .issue(let reason) = action else { return self }
        return doing(.issue("\(reason); it failed before, so staging is tried first"))
    }
}
