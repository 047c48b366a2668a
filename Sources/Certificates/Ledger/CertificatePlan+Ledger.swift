import Model

extension CertificatePlan {
    /// The plan with the orders waiting that a limit holds. Those that are placed count for the ones after them, so that a
    /// run as a whole keeps the limits.
    func held(
        by ledger: Ledger,
        now: Timestamp,
        order: (CertificateStep) -> CertificateOrder
    ) -> CertificatePlan {
        var ledger = ledger
        return CertificatePlan(
            steps: steps.map { step in
                guard step.isOrder else { return step }
                let order = order(step)
                let entry = order.entry(at: now)
                if !order.isUrgent, let hold = ledger.hold(on: entry, now: now) { return step.held(hold.sentence) }
                ledger.enter(entry)
                return order.isDoubtful ? step.rehearsedFirst : step
            }
        )
    }
}

extension CertificateStep {
    fileprivate var rehearsedFirst: CertificateStep {
        guard case .issue(let reason) = action else { return self }
        let words = "\(reason); it failed before, so staging is tried first"
        return CertificateStep(lineage: lineage, names: names, hosts: hosts, action: .issue(words))
    }
}
