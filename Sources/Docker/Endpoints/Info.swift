extension EngineClient {
    /// Which part this engine plays: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/System/operation/SystemInfo
    public func mode() async throws(EngineError) -> EngineMode {
        try await position().mode
    }

    /// As `mode`, and which node of its Swarm this engine is; nil where it is none.
    public func position() async throws(EngineError) -> (mode: EngineMode, node: String?) {
        let info: Info = try await get("/info")
        return (info.mode, info.swarm?.node.flatMap { $0.isEmpty ? nil : $0 })
    }
}

extension Info {
    fileprivate var mode: EngineMode {
        switch swarm?.localNodeState {
        case "active":
            guard swarm?.controlAvailable == true else { return .worker }
            let cluster = swarm?.cluster?.id ?? ""
            return cluster.isEmpty ? .leaderless : .manager(cluster: cluster)
        case "inactive", "", nil: return .plain
        case let state?: return .unsettled(state)
        }
    }
}

struct Info: EngineAnswer {
    struct Swarm: Codable {
        struct Cluster: Codable {
            let id: String?
            enum CodingKeys: String, CodingKey { case id = "ID" }
        }

        let localNodeState: String?
        let controlAvailable: Bool?
        let cluster: Cluster?
        let node: String?

        enum CodingKeys: String, CodingKey {
            case localNodeState = "LocalNodeState", controlAvailable = "ControlAvailable", cluster = "Cluster", node =
                "NodeID"
        }
    }

    let swarm: Swarm?
    enum CodingKeys: String, CodingKey { case swarm = "Swarm" }
}
