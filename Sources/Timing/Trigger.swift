public import Model

/// Something happened that asks for a run. It carries no work: the run reads what is true.
public struct Trigger: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case startUp = "start-up"
        /// The engine said that something became different.
        case event
        /// The engine's events are followed again; some may have been missed.
        case reconnection
        /// The interval since everything was last read is over.
        case timer
        case hangUp = "SIGHUP"
        /// Somebody asks for a run and waits for its report.
        case once = "asked for by hand"

        /// Whether it waits for no quiet.
        public var isUrgent: Bool {
            switch self {
            case .startUp, .hangUp, .once: true
            case .event, .reconnection, .timer: false
            }
        }

        /// Whether its run reads everything, whatever the engine says.
        public var asksForAll: Bool {
            switch self {
            case .startUp, .timer, .hangUp, .once: true
            case .event, .reconnection: false
            }
        }
    }

    public let kind: Kind
    /// What happened: "service update".
    public let reason: String
    /// To whom; empty when to nobody in particular.
    public let subject: String
    /// When the engine says that it happened, which may be long past; nil where nobody says.
    public let at: Timestamp?
    /// The code of what the run may do besides, because a person has seen it; nil when nothing.
    public let confirmation: String?

    /// - Parameter reason: What the kind is called, unless there is more to say.
    public init(
        _ kind: Kind,
        _ reason: String? = nil,
        subject: String = "",
        at: Timestamp? = nil,
        confirmation: String? = nil
    ) {
        (self.kind, self.reason, self.at, self.confirmation) = (kind, reason ?? kind.rawValue, at, confirmation)
        self.subject = confirmation.map { "confirming \($0)" } ?? subject
    }

    public var description: String { subject.isEmpty ? reason : "\(reason) \(subject)" }
}
