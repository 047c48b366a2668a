package import Model
package import Report

/// The containers to signal.
package struct SignalPlan: Hashable, Sendable {
    package let targets: [SignalTarget]
    package let refusals: [Refusal]
    /// Container id → lineage → fingerprint that it has, although the store does not say so: saved when the plan is applied.
    package let current: [String: [String: Fingerprint]]
    /// Containers that no longer exist: removed from the store when the plan is applied.
    package let gone: [String]
    /// Helper services that an earlier run could not remove: removed when the plan is applied.
    package let leftoverHelpers: [String]
    /// Service → its version, where that is known.
    let versions: [String: UInt64]
    /// Containers that ended at their signal, which matters no longer: removed from the store when the plan is applied.
    let forgotten: [String]

    /// What a run would send.
    package var report: [SignalReport] {
        targets.map { target in
            target.report(nil, .changed("send \(target.signal) for \(target.lineages.joined(separator: ", "))"))
        }
    }
}

/// A running container to signal, and the certificates that changed since its last signal.
package struct SignalTarget: Hashable, Sendable {
    package let container: String
    package let name: String
    package let signal: SignalName
    /// The lineages whose fingerprint on disk is not the one of its last signal; never empty in a plan.
    package var lineages: [String] = []
    /// The ID of the node that it runs on; nil: this one.
    package let node: String?
    /// Whether a Swarm restarts it.
    package let isTask: Bool
    /// What it shares with the other containers of its service.
    package let group: String
    /// The service of the Swarm or of Compose that it belongs to; nil where it belongs to none.
    package let service: String?

    fileprivate func report(_ result: SignalReport.Delivery?, _ outcome: Outcome) -> SignalReport {
        SignalReport(
            container: container,
            name: name,
            signal: signal.description,
            lineages: lineages,
            result: result,
            outcome: outcome
        )
    }
}

/// What became of the signal to one target.
package struct SignalResult: Hashable, Sendable {
    package let target: SignalTarget
    package let delivery: SignalDelivery

    package var outcome: Outcome {
        switch delivery.result {
        case .signalled: .changed("sent \(target.signal) for \(target.lineages.joined(separator: ", "))")
        case .gone: .unchanged
        case .notRunning: .failed("the container was not running")
        case .refused: .failed(delivery.reason ?? "Docker refused")
        case .ended:
            .refused(
                "\(delivery.reason ?? "ended"): it is not signalled for this again; let its server handle \(target.signal), "
                    + "or take its signal label away"
            )
        case .heldBack: .refused("not signalled, because \(delivery.reason ?? "another container ended")")
        case .pending: .failed("pending: \(delivery.reason ?? "it was not reached")")
        }
    }

    package var report: SignalReport { target.report(delivery.result, outcome) }
}

/// What became of one signal. What is not delivered stays pending: the next run tries again.
package struct SignalDelivery: Hashable, Sendable {
    package let result: SignalReport.Delivery
    /// Why Docker refused it, or its node could not be reached.
    package var reason: String?

    package static let signalled = SignalDelivery(result: .signalled)
    package static let gone = SignalDelivery(result: .gone)
    package static let notRunning = SignalDelivery(result: .notRunning)
    package static func ended(_ reason: String) -> SignalDelivery { .init(result: .ended, reason: reason) }
    package static func heldBack(_ reason: String) -> SignalDelivery { .init(result: .heldBack, reason: reason) }
    package static func refused(_ reason: String) -> SignalDelivery { .init(result: .refused, reason: reason) }
    package static func pending(_ reason: String) -> SignalDelivery { .init(result: .pending, reason: reason) }
}
