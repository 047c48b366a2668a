public import Model

/// What is read of one event, the same from every engine from API 1.41 on. `status`, `id` and `from` on its top level went
/// with API 1.52 and are never read; types, actions and fields that nobody knows yet are fine.
public struct EngineEvent: Hashable, Sendable {
    /// `service`, `container`, …
    public let type: String
    /// `create`, `update`, …; some carry more after a colon.
    public let action: String
    public let id: String
    /// Of the service or container; the beginning of its id where the engine gives none.
    public let name: String
    /// Whether it has a label that asks for hosts. Services' events carry no labels.
    public let hasHostLabel: Bool
    /// Whether it is a container that a Swarm service's task runs in.
    public let isOfSwarmTask: Bool
    /// The engine's own; may be long past.
    public let time: Timestamp

    public init(
        type: String,
        action: String,
        id: String,
        name: String? = nil,
        hasHostLabel: Bool = false,
        isOfSwarmTask: Bool = false,
        time: Timestamp
    ) {
        (self.type, self.action, self.id, self.time) = (type, action, id, time)
        (self.hasHostLabel, self.isOfSwarmTask) = (hasHostLabel, isOfSwarmTask)
        self.name = name ?? String(id.prefix(12))
    }
}
