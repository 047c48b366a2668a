public import Model

/// Something happened that asks for a run. It carries no work: the run reads what is true.
public struct Trigger: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, Codable {
        /// The engine sent an event.
        case event
        /// Events may have been missed.
        case reconnection
        /// The engine's part or its cluster is another one, or is believed at last.
        case engine
    }

    public let kind: Kind
    /// What happened: `service update`.
    public let reason: String
    /// To whom; empty when to the engine itself.
    public let subject: String
    /// When it was seen here; the event's own time may be long past.
    public let at: Timestamp

    public init(_ kind: Kind, reason: String, subject: String = "", at: Timestamp) {
        (self.kind, self.reason, self.subject, self.at) = (kind, reason, subject, at)
    }

    public init(_ event: EngineEvent, at: Timestamp) {
        self.init(
            .event,
            reason: oneLine("\(event.type) \(event.action)", limit: 60),
            subject: oneLine(event.name, limit: 100),
            at: at
        )
    }

    public var description: String { subject.isEmpty ? reason : "\(reason) \(subject)" }
}
