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
        /// A file that declares hosts has changed.
        case file = "a file changed"
        /// A person requests a run and waits for its report.
        case once = "asked for by hand"

        /// Whether the run starts without a quiet period.
        package var isUrgent: Bool { [.startUp, .hangUp, .once].contains(self) }

        /// Whether its run reads everything, whatever the engine says.
        package var readsEverything: Bool { ![.event, .reconnection, .file].contains(self) }
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
package struct RunCause: Hashable, Sendable, Codable {
    /// Reasons beyond these are counted, not kept: a storm must not grow memory.
    static let reasonLimit = 16

    /// The first different ones, with their subjects, in the order they came.
    package let reasons: [String]
    /// Each kind of trigger among them once, in the order they came.
    package let kinds: [Trigger.Kind]
    /// How many triggers became this one run.
    package let triggers: Int
    private let nanosecondsWaited: Int64
    /// Nil where there are none.
    private let confirmed: [String]?

    private enum CodingKeys: String, CodingKey {
        case reasons, kinds, triggers, nanosecondsWaited = "waited", confirmed = "confirmations"
    }

    package init(
        reasons: [String],
        kinds: [Trigger.Kind],
        triggers: Int,
        waited: Duration,
        confirmations: [String] = []
    ) {
        (self.reasons, self.kinds, self.triggers) = (reasons, kinds, triggers)
        (nanosecondsWaited, confirmed) = (waited.nanoseconds, confirmations.isEmpty ? nil : confirmations)
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

    /// From the first trigger to the decision that the run begins.
    package var waited: Duration { .nanoseconds(nanosecondsWaited) }

    /// What triggers confirm, each once.
    package var confirmations: [String] { confirmed ?? [] }

    /// Whether one of the triggers requires that everything is read.
    package var readsEverything: Bool { kinds.contains(where: \.readsEverything) }
}
