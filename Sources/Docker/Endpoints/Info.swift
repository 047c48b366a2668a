import Model

extension EngineClient {
    /// Which part this engine plays: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/System/operation/SystemInfo
    public func mode() async throws(EngineError) -> EngineMode {
        let info: Info = try await get("/info")
        let cluster = info.swarm?.cluster?.id ?? ""
        switch info.swarm?.localNodeState {
        case "active": return info.swarm?.controlAvailable == true ? .manager(cluster: cluster) : .worker
        case "inactive", "", nil: return .plain
        case let state?: return .unsettled(state)
        }
    }
}

/// The engine's part. It can change at any time, and a demoted manager says nothing about it.
public enum EngineMode: Hashable, Sendable {
    case plain
    case manager(cluster: String)
    /// Sees its own containers, but no services.
    case worker
    /// `pending`, `locked`, `error`: neither the one nor the other yet.
    case unsettled(String)

    /// Why nobody's labels can be read here, and what to do; nil where they can.
    public var obstacle: String? {
        switch self {
        case .plain, .manager: nil
        case .worker: "this node is a Swarm worker, which cannot see services; run Landfall on a manager"
        case .unsettled("locked"): "this Swarm node is locked; unlock it with `docker swarm unlock`"
        case .unsettled("pending"): "this node is still joining its Swarm; Landfall goes on by itself when it has"
        case .unsettled(let state):
            "this node's Swarm state is `\(oneLine(state, limit: 40))`; `docker info` says more"
        }
    }
}

extension EngineMode: CustomStringConvertible {
    public var description: String {
        switch self {
        case .plain: "plain engine"
        case .manager(let cluster): "Swarm manager of cluster \(oneLine(cluster, limit: 40))"
        case .worker: "Swarm worker"
        case .unsettled(let state): "Swarm node in state \(oneLine(state, limit: 40))"
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
