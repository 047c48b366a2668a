public import Model
public import Report

/// Which containers are owed a signal.
public struct SignalPlan: Hashable, Sendable {
    public let targets: [SignalTarget]
    public let refusals: [Refusal]
    /// Container id → lineage → what it has although nothing is noted of it: noted when the plan is applied.
    public let settled: [String: [String: Fingerprint]]
    /// Containers that are no more: forgotten when the plan is applied.
    public let gone: [String]
    /// Helper services of this Landfall that an earlier run could not remove: removed when the plan is applied.
    public let strays: [String]

    public init(
        targets: [SignalTarget],
        refusals: [Refusal] = [],
        settled: [String: [String: Fingerprint]] = [:],
        gone: [String] = [],
        strays: [String] = []
    ) {
        (self.targets, self.refusals, self.settled, self.gone) = (targets, refusals, settled, gone)
        self.strays = strays
    }
}

/// A running container that wants to know, and the certificates it has not been told of.
public struct SignalTarget: Hashable, Sendable {
    public let container: String
    public let name: String
    public let signal: SignalName
    /// Lineages whose fingerprint on disk is not the one it was last signalled for; never empty.
    public let lineages: [String]
    /// The id of the node that it runs on; nil: this one.
    public let node: String?
    /// Whether a Swarm sees to its restarts.
    public let isTask: Bool

    public init(
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

public struct SignalResult: Hashable, Sendable {
    public let target: SignalTarget
    public let delivery: SignalDelivery

    public init(target: SignalTarget, delivery: SignalDelivery) {
        (self.target, self.delivery) = (target, delivery)
    }

    public var outcome: Outcome {
        switch delivery {
        case .signalled: .changed("sent \(target.signal) for \(target.lineages.joined(separator: ", "))")
        case .gone: .unchanged
        case .notRunning: .failed("the container was not running")
        case .refused(let reason): .failed(reason)
        case .owed(let reason): .failed("owed: \(reason)")
        }
    }
}

/// What became of one signal. Whatever is not delivered stays owed: the next run tries again.
public enum SignalDelivery: Hashable, Sendable {
    case signalled, gone, notRunning
    /// The engine would not or could not.
    case refused(String)
    /// Its node was not reached.
    case owed(String)

    public var word: SignalReport.Delivery {
        switch self {
        case .signalled: .signalled
        case .gone: .gone
        case .notRunning: .notRunning
        case .refused: .refused
        case .owed: .owed
        }
    }
}
