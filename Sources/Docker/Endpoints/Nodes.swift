extension EngineClient {
    /// The nodes of the Swarm; only a manager can answer.
    public func nodes() async throws(EngineError) -> [Node] {
        try await get("/nodes")
    }
}

public struct Node: Sendable, Hashable {
    public let id: String
    private let spec: Spec
    private let description: Description?
    private let status: Status?

    private struct Spec: Codable, Hashable {
        let availability: String
        enum CodingKeys: String, CodingKey { case availability = "Availability" }
    }

    private struct Description: Codable, Hashable {
        let hostname: String?
        enum CodingKeys: String, CodingKey { case hostname = "Hostname" }
    }

    private struct Status: Codable, Hashable {
        let state: String
        enum CodingKeys: String, CodingKey { case state = "State" }
    }

    /// Its host's name, which two may share.
    public var name: String { description?.hostname ?? id }

    /// `ready`, `down`, `disconnected` or `unknown`.
    public var state: String { status?.state ?? "unknown" }

    /// `active`, `pause` or `drain`: only what is active gets new tasks.
    public var availability: String { spec.availability }
}

extension Node: EngineAnswer {
    private enum CodingKeys: String, CodingKey {
        case id = "ID", spec = "Spec", description = "Description", status = "Status"
    }
}
