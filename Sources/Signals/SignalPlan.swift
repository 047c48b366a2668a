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

    package init(
        targets: [SignalTarget],
        refusals: [Refusal] = [],
        current: [String: [String: Fingerprint]] = [:],
        gone: [String] = [],
        leftoverHelpers: [String] = []
    ) {
        (self.targets, self.refusals, self.current, self.gone) = (targets, refusals, current, gone)
        self.leftoverHelpers = leftoverHelpers
    }
}

/// A running container to signal, and the certificates that changed since its last signal.
package struct SignalTarget: Hashable, Sendable {
    package let container: String
    package let name: String
    package let signal: SignalName
    /// The lineages whose fingerprint on disk is not the one of its last signal; never empty.
    package let lineages: [String]
    /// The ID of the node that it runs on; nil: this one.
    package let node: String?
    /// Whether a Swarm restarts it.
    package let isTask: Bool

    package init(
        container: String,
        name: String,
        signal: SignalName,
        lineages: [String],
        node: String? = nil,
        isTask: Bool = false
    ) {
        self.container = container
        self.name = name
        self.signal = signal
        self.lineages = lineages
        self.node = node
        self.isTask = isTask
    }
}

extension SignalPlan {
    /// What a run would send.
    package var report: [SignalReport] {
        targets.map { target in
            target.report(nil, .changed("send \(target.signal) for \(target.lineages.joined(separator: ", "))"))
        }
    }
}

/// What became of the signal to one target.
package struct SignalResult: Hashable, Sendable {
    package let target: SignalTarget
    package let delivery: SignalDelivery

    package init(target: SignalTarget, delivery: SignalDelivery) {
        (self.target, self.delivery) = (target, delivery)
    }

    package var outcome: Outcome {
        switch delivery {
        case .signalled: .changed("sent \(target.signal) for \(target.lineages.joined(separator: ", "))")
        case .gone: .unchanged
        case .notRunning: .failed("the container was not running")
        case .refused(let reason): .failed(reason)
        case .pending(let reason): .failed("pending: \(reason)")
        }
    }

    package var report: SignalReport { target.report(delivery.word, outcome) }
}

extension SignalTarget {
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

/// The result of one signal. What is not delivered stays pending: the next run tries again.
package enum SignalDelivery: Hashable, Sendable {
    case signalled, gone, notRunning
    /// Docker refused it.
    case refused(String)
    /// Its node could not be reached.
    case pending(String)

    package var word: SignalReport.Delivery {
        switch self {
        case .signalled: .signalled
        case .gone: .gone
        case .notRunning: .notRunning
        case .refused: .refused
        case .pending: .owed
        }
    }
}
