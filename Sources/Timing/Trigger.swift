package import Model

/// A request for a run. It carries no work: the run reads the actual state.
package struct Trigger: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case startUp = "start-up"
        /// The engine reported a change.
        case event
        /// The engine's events are followed again; some may have been missed.
        case reconnection
        /// The interval since everything was last read is over.
        case timer
        case hangUp = "SIGHUP"
        /// A person requests a run and waits for its report.
        case once = "asked for by hand"

        /// Whether the run starts without a quiet period.
        package var isUrgent: Bool { [.startUp, .hangUp, .once].contains(self) }

        /// Whether its run reads everything, whatever the engine says.
        package var readsEverything: Bool { ![.event, .reconnection].contains(self) }
    }

    package let kind: Kind
    /// What happened: "service update".
    package let reason: String
    /// The service or container that it is about; empty if there is none.
    package let subject: String
    /// When it happened by the engine's clock, which may be long past; nil if it is not an event.
    package let at: Timestamp?
    /// The code of what a person has confirmed, so that the run may do it.
    package let confirmation: String?

    /// - Parameter reason: What the kind is called, unless there is more to say.
    package init(
        _ kind: Kind,
        _ reason: String? = nil,
        subject: String = "",
        at: Timestamp? = nil,
        confirmation: String? = nil
    ) {
        (self.kind, self.reason, self.at, self.confirmation) = (kind, reason ?? kind.rawValue, at, confirmation)
        self.subject = confirmation.map { "confirming \($0)" } ?? subject
    }

    package var description: String { subject.isEmpty ? reason : "\(reason) \(subject)" }
}

/// The reasons for a run.
package struct RunCause: Hashable, Sendable {
    /// Reasons beyond these are counted, not kept: a storm must not grow memory.
    static let reasonLimit = 16

    /// The first different ones, with their subjects, in the order they came.
    package let reasons: [String]
    /// Each kind of trigger among them once, in the order they came.
    package let kinds: [Trigger.Kind]
    /// How many triggers became this one run.
    package let triggers: Int
    /// From the first trigger to the decision that the run begins.
    package let waited: Duration
    /// What triggers confirm, each once.
    package let confirmations: [String]

    package init(
        reasons: [String],
        kinds: [Trigger.Kind],
        triggers: Int,
        waited: Duration,
        confirmations: [String] = []
    ) {
        (self.reasons, self.kinds, self.triggers, self.waited) = (reasons, kinds, triggers, waited)
        self.confirmations = confirmations
    }

    /// Of one trigger that did not have to wait.
    package init(_ trigger: Trigger) {
        self.init(
            reasons: [trigger.description],
            kinds: [trigger.kind],
            triggers: 1,
            waited: .zero,
            confirmations: [trigger.confirmation].compactMap(\.self)
        )
    }

    /// Whether one of the triggers requires that everything is read.
    package var readsEverything: Bool { kinds.contains(where: \.readsEverything) }
}

extension RunCause: Codable {
    private enum CodingKeys: String, CodingKey { case reasons, kinds, triggers, waited, confirmations }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        reasons = try container.decode([String].self, forKey: .reasons)
        kinds = try container.decode([Trigger.Kind].self, forKey: .kinds)
        triggers = try container.decode(Int.self, forKey: .triggers)
        waited = .nanoseconds(try container.decode(Int64.self, forKey: .waited))
        confirmations = try container.decodeIfPresent([String].self, forKey: .confirmations) ?? []
    }

    /// Times are nanoseconds.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(reasons, forKey: .reasons)
        try container.encode(kinds, forKey: .kinds)
        try container.encode(triggers, forKey: .triggers)
        try container.encode(waited.nanoseconds, forKey: .waited)
        if !confirmations.isEmpty { try container.encode(confirmations, forKey: .confirmations) }
    }
}
