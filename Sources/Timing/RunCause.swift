import Model

/// Why a run began.
public struct RunCause: Hashable, Sendable {
    /// Reasons beyond these are counted, not kept: a storm must not grow memory.
    static let reasonLimit = 16

    /// The first different ones, with their subjects, in the order they came.
    public let reasons: [String]
    /// Each kind of trigger among them once, in the order they came.
    public let kinds: [Trigger.Kind]
    /// How many triggers became this one run.
    public let triggers: Int
    /// From the first trigger to the decision that the run begins.
    public let waited: Duration
    /// What triggers confirm, each once.
    public let confirmations: [String]

    public init(
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
    public init(_ trigger: Trigger) {
        self.init(
            reasons: [trigger.description],
            kinds: [trigger.kind],
            triggers: 1,
            waited: .zero,
            confirmations: [trigger.confirmation].compactMap(\.self)
        )
    }

    /// Whether anybody wants everything to be read.
    public var asksForAll: Bool { kinds.contains(where: \.asksForAll) }
}

extension RunCause: Codable {
    private enum CodingKeys: String, CodingKey { case reasons, kinds, triggers, waited, confirmations }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        reasons = try container.decode([String].self, forKey: .reasons)
        kinds = try container.decode([Trigger.Kind].self, forKey: .kinds)
        triggers = try container.decode(Int.self, forKey: .triggers)
        waited = .nanoseconds(try container.decode(Int64.self, forKey: .waited))
        confirmations = try container.decodeIfPresent([String].self, forKey: .confirmations) ?? []
    }

    /// Times are nanoseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(reasons, forKey: .reasons)
        try container.encode(kinds, forKey: .kinds)
        try container.encode(triggers, forKey: .triggers)
        try container.encode(waited.nanoseconds, forKey: .waited)
        if !confirmations.isEmpty { try container.encode(confirmations, forKey: .confirmations) }
    }
}
