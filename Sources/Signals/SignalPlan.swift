public import Model

/// Which containers are owed a signal.
public struct SignalPlan: Hashable, Sendable {
    public let targets: [SignalTarget]
    public let refusals: [Refusal]

    public init(targets: [SignalTarget], refusals: [Refusal] = []) {
        (self.targets, self.refusals) = (targets, refusals)
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
}
