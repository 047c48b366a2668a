public import Model

/// Which containers are owed a signal.
public struct SignalPlan: Hashable, Sendable {
    public let targets: [SignalTarget]
    public let refusals: [Refusal]
    /// Container id → lineage → what it has although nothing is noted of it: noted when the plan is applied.
    public let settled: [String: [String: Fingerprint]]
    /// Containers that are no more: forgotten when the plan is applied.
    public let gone: [String]

    public init(
        targets: [SignalTarget],
        refusals: [Refusal] = [],
        settled: [String: [String: Fingerprint]] = [:],
        gone: [String] = []
    ) {
        (self.targets, self.refusals, self.settled, self.gone) = (targets, refusals, settled, gone)
    }
}

/// A running container that wants to know, and the certificates it has not been told of.
public struct SignalTarget: Hashable, Sendable {
    public let container: String
    public let name: String
    public let signal: SignalName
    /// Lineages whose fingerprint on disk is not the one it was last signalled for; never empty.
    public let lineages: [String]

    public init(container: String, name: String, signal: SignalName, lineages: [String]) {
        self.container = container
        self.name = name
        self.signal = signal
        self.lineages = lineages
    }
}

public struct SignalResult: Hashable, Sendable {
    public enum Delivery: Hashable, Sendable {
        case signalled, gone, notRunning
        case failed(String)
    }

    public let target: SignalTarget
    public let delivery: Delivery

    public init(target: SignalTarget, delivery: Delivery) {
        (self.target, self.delivery) = (target, delivery)
    }

    public var outcome: Outcome {
        switch delivery {
        case .signalled: .changed("sent \(target.signal) for \(target.lineages.joined(separator: ", "))")
        case .gone: .unchanged
        case .notRunning: .failed("the container was not running")
        case .failed(let reason): .failed(reason)
        }
    }
}
