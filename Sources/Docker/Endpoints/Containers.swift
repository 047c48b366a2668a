public import Model
import Ports

extension EngineClient {
    /// The containers of this node, stopped ones too when `includingStopped`.
    public func containers(includingStopped: Bool) async throws(EngineError) -> [Container] {
        try await get("/containers/json", query: [("all", includingStopped ? "true" : "false")])
    }

    /// - Parameter id: its id, the beginning of it, or its name.
    public func container(_ id: String) async throws(EngineError) -> ContainerDetails {
        try await get("/containers/\(percentEncoded(id))/json")
    }

    /// Sends a signal to a container's first process: 204; 404 gone; 409 not running.
    public func kill(container id: String, signal: String) async throws(EngineError) {
        try await act(.post, "/containers/\(percentEncoded(id))/kill", query: [("signal", signal)])
    }
}

public struct Container: Sendable, Hashable {
    public let id: String
    public let name: String
    public let labels: [String: String]
    /// `running`, `exited`, `restarting`, …
    public let state: String
    /// It started no earlier.
    public let created: Timestamp?

    public init(
        id: String,
        name: String,
        labels: [String: String],
        state: String = "running",
        created: Timestamp? = nil
    ) {
        (self.id, self.name, self.labels, self.state, self.created) = (id, name, labels, state, created)
    }

    /// The Swarm service whose task this is.
    public var service: String? { labels[Self.serviceLabel] }

    /// By which the engine itself tells it.
    public static let serviceLabel = "com.docker.swarm.service.name"

    public var isRunning: Bool { state == "running" }

    /// Whether it is on its way out, or what a removal that failed left behind.
    public var isBeingRemoved: Bool { state == "removing" || state == "dead" }
}

extension Container: EngineAnswer {
    func keepingLabels(_ isRead: (String) -> Bool) -> Container {
        Container(id: id, name: name, labels: labels.filter { isRead($0.key) }, state: state, created: created)
    }

    private enum CodingKeys: String, CodingKey {
        case id = "Id", names = "Names", labels = "Labels", state = "State", created = "Created"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        let names = try container.decodeIfPresent([String].self, forKey: .names) ?? []
        // Legacy links add names such as `/other/alias`.
        let own = names.map { $0.drop { $0 == "/" } }.first { !$0.contains("/") }
        name = own.map { String($0) } ?? String(id.prefix(12))
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        state = try container.decodeIfPresent(String.self, forKey: .state) ?? ""
        created = try container.decodeIfPresent(Int64.self, forKey: .created).map { Timestamp(seconds: $0) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(["/" + name], forKey: .names)
        try container.encode(labels, forKey: .labels)
        try container.encode(state, forKey: .state)
        try container.encodeIfPresent(created?.seconds, forKey: .created)
    }
}
