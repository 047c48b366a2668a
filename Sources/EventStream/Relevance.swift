public import Docker

/// Which events may change what is desired. Anything more would only cost runs; anything less is made up for by the timer.
public struct Relevance: Sendable {
    private let mode: EngineMode
    private let hostLabels: [String]

    public init(mode: EngineMode, hostLabels: [String]) {
        (self.mode, self.hostLabels) = (mode, hostLabels)
    }

    /// What the engine is asked to send in this mode.
    var filter: EventFilter { mode == .plain ? .containers : .services }

    public func isRelevant(_ event: EngineEvent) -> Bool {
        switch (mode, event.type) {
        case (.plain, "container"):
            Self.containerActions.contains(event.action) && !event.isOfSwarmTask
                && hostLabels.contains { event.attributes[$0] != nil }
        case (.manager, "service"):
            Self.serviceActions.contains(event.action) && !event.name.hasPrefix(Service.helperPrefix)
        default: false
        }
    }

    private static let serviceActions: Set = ["create", "update", "remove"]
    private static let containerActions: Set = ["create", "start", "die", "destroy", "rename"]
}

extension EngineEvent {
    fileprivate var isOfSwarmTask: Bool { attributes["com.docker.swarm.service.name"] != nil }
}
