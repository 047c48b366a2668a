import Model

/// The engine's role. It can change at any time, and a demoted manager sends no event about it.
package enum EngineMode: Hashable, Sendable, Codable, CustomStringConvertible {
    case plain
    case manager(cluster: String)
    /// A manager without a quorum: it answers, but does not know its own cluster (Docker 20.10).
    case leaderless
    /// A worker sees its own containers, but no services.
    case worker
    /// `pending`, `locked` or `error`: neither plain nor in a Swarm yet.
    case unsettled(String)

    /// Why labels cannot be read here, and what to do; nil where they can.
    package var unreadableReason: String? {
        switch self {
        case .plain, .manager: nil
        case .leaderless: "this Swarm has no leader: more than half of its managers must run and reach each other"
        case .worker: "this node is a Swarm worker, which cannot see services; run Landfall on a manager"
        case .unsettled("locked"): "this Swarm node is locked; unlock it with `docker swarm unlock`"
        case .unsettled("pending"): "this node is still joining its Swarm; Landfall continues when it has joined"
        case .unsettled(let state):
            "this node's Swarm state is `\(sanitized(state, limit: 40))`; `docker info` says more"
        }
    }

    package var description: String {
        switch self {
        case .plain: "plain engine"
        case .manager(let cluster): "Swarm manager of cluster \(sanitized(cluster, limit: 40))"
        case .leaderless: "manager of a Swarm without a leader"
        case .worker: "Swarm worker"
        case .unsettled(let state): "Swarm node in state \(sanitized(state, limit: 40))"
        }
    }
}

extension EngineClient {
    /// Which part this engine plays: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/System/operation/SystemInfo
    package func mode() async throws(EngineError) -> EngineMode { try await position().mode }

    /// As `mode`, and which node of its Swarm this engine is; nil where it is none.
    package func position() async throws(EngineError) -> (mode: EngineMode, node: String?) {
        let info: Info = try await get("/info")
        return (info.mode, info.swarm?.node.flatMap { $0.isEmpty ? nil : $0 })
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

    var mode: EngineMode {
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
