extension EngineClient {
    /// An image that this node has; 404 when it has not.
    public func image(_ name: String) async throws(EngineError) -> ImageDetails {
        try await get("/images/\(percentEncoded(name))/json")
    }
}

public struct ImageDetails: Sendable, Hashable, EngineAnswer {
    /// `sha256:…`
    public let id: String
    /// `REPOSITORY@sha256:…`, by which a registry has it; none for one that was built here.
    public let digests: [String]?

    enum CodingKeys: String, CodingKey { case id = "Id", digests = "RepoDigests" }
}
