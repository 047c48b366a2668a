public import Model

/// Something happened that asks for a run. It carries no work: the run reads what is true.
public struct Trigger: Hashable, Sendable, CustomStringConvertible {
    /// What happened: "service update".
    public let reason: String
    /// To whom; empty when to the engine itself.
    public let subject: String
    /// When it was seen here; the event's own time may be long past.
    public let at: Timestamp

    public init(reason: String, subject: String = "", at: Timestamp) {
        (self.reason, self.subject, self.at) = (reason, subject, at)
    }

    init(_ event: EngineEvent, at: Timestamp) {
        self.init(
            reason: oneLine("\(event.type) \(event.action)", limit: 60),
            subject: oneLine(event.name, limit: 100),
            at: at
        )
    }

    public var description: String { subject.isEmpty ? reason : "\(reason) \(subject)" }
}
