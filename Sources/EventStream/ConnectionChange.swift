public import Docker

/// What the event stream has to say of its connection to the engine.
public enum ConnectionChange: Sendable {
    /// Events come. An unreadableReason is why nobody's labels can be read all the same.
    case following(EngineMode, APIVersion, unreadableReason: String?)
    case lost(String)
    /// Nothing changed; it was looked after.
    case lookedAfter
}
