public import Docker

/// Which events may change what is desired. Anything more would only cost runs; anything less is made up for by the timer.
public struct Relevance: Sendable {
    private let mode: EngineMode

    public init(mode: EngineMode) {
        self.mode = mode
    }

    /// What the engine is asked to send in this mode.
    var filter: EventFilter { mode == .plain ? .containers : .services }

    public func isRelevant(_ event: EngineEvent) -> Bool {
        switch (mode, event.type) {
        case (.plain, "container"):
            event.hasHostLabel && !event.isOfSwarmTask && Self.containerActions.contains(event.action)
        case (.manager, "service"):
            Self.serviceActions.contains(event.action) && !event.name.hasPrefix(Service.helperPrefix)
        default: false
        }
    }

    private static let serviceActions = ["create", "update", "remove"]
    private static let containerActions = ["create", "start", "die", "destroy", "rename"]
}
