import FoundationEssentials
public import Model

/// One event, as every engine from API 1.41 on sends it. `status`, `id` and `from` on its top level went with API 1.52 and
/// are never read; types, actions and fields that nobody knows yet are fine.
public struct EngineEvent: Hashable, Sendable {
    /// `service`, `container`, …
    public let type: String
    /// `create`, `update`, …; some carry more after a colon.
    public let action: String
    public let id: String
    /// For a container its labels too; for a service only its name and what changed.
    public let attributes: [String: String]
    public let time: Timestamp

    public var name: String { attributes["name"] ?? String(id.prefix(12)) }
}

extension EngineEvent: Decodable {
    private enum CodingKeys: String, CodingKey {
        case type = "Type", action = "Action", actor = "Actor", nanoseconds = "timeNano"
    }

    private struct Actor: Decodable {
        let id: String?
        let attributes: [String: String]?

        enum CodingKeys: String, CodingKey { case id = "ID", attributes = "Attributes" }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decode(String.self, forKey: .type)
        action = try container.decode(String.self, forKey: .action)
        let actor = try container.decodeIfPresent(Actor.self, forKey: .actor)
        id = actor?.id ?? ""
        attributes = actor?.attributes ?? [:]
        time = Timestamp(nanoseconds: try container.decodeIfPresent(Int64.self, forKey: .nanoseconds) ?? 0)
    }
}
