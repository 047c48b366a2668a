extension EngineClient {
    /// Which part this engine plays: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/System/operation/SystemInfo
    public func mode() async throws(EngineError) -> EngineMode {
        let info: Info = try await get("/info")
        switch info.swarm?.localNodeState {
        case "active":
            guard info.swarm?.controlAvailable == true else { return .worker }
            let cluster = info.swarm?.cluster?.id ?? ""
            return cluster.isEmpty ? .leaderless : .manager(cluster: cluster)
        case "inactive", "", nil: return .plain
        case let state?: return .unsettled(state)
        }
    }
}

struct Info: EngineAnswer {
    static let path = "/info"

    struct Swarm: Codable {
        struct Cluster: Codable {
            let id: String?
            enum CodingKeys: String, CodingKey { case id = "ID" }
        }

        let localNodeState: String?
        let controlAvailable: Bool?
        let cluster: Cluster?

        enum CodingKeys: String, CodingKey {
            case localNodeState = "LocalNodeState", controlAvailable = "ControlAvailable", cluster = "Cluster"
        }
    }

    let swarm: Swarm?
    enum CodingKeys: String, CodingKey { case swarm = "Swarm" }
}
