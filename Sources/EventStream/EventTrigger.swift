import Model
public import Timing

extension EngineEvent {
    /// What it asks for; its words come from outside.
    public var trigger: Trigger {
        let reason = sanitized("\(type) \(action)", limit: 60)
        return Trigger(.event, reason, subject: sanitized(name, limit: 100), at: time)
    }
}
