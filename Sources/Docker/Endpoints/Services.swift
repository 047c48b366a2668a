import Transport

extension EngineClient {
    /// All services of the cluster; only a manager can answer.
    public func services() async throws(EngineError) -> [Service] {
        try await get("/services")
    }

    /// - Parameter id: its id or its name.
    public func service(_ id: String) async throws(EngineError) -> Service {
        try await get("/services/\(percentEncoded(id))")
    }

    /// Makes a service, and returns its id.
    public func create(_ spec: HelperSpec) async throws(EngineError) -> String {
        let made: ServiceCreated = try await post("/services/create", body: spec)
        return made.id
    }

    /// Removes a service; 404 when there is none.
    public func removeService(_ id: String) async throws(EngineError) {
        try await act(.delete, "/services/\(percentEncoded(id))")
    }
}

public struct Service: Sendable, Hashable {
    public let id: String
    public let name: String
    public let labels: [String: String]
    /// The labels its containers get, from the task template.
    public let containerLabels: [String: String]

    /// What its containers are made from, as the Swarm pinned it: `nginx:1.27@sha256:…`.
    public let image: String?

    /// How the names of Landfall's own short-lived services begin. They ask for nothing and trigger nothing.
    public static let helperPrefix = "landfall-signal-"
    /// On those services, the instance of Landfall that made it.
    public static let helperLabel = "landfall.helper"

    /// Whether it is one of those; a user's service may be named alike.
    public var isHelper: Bool { name.hasPrefix(Self.helperPrefix) && labels[Self.helperLabel] != nil }

    public init(
        id: String,
        name: String,
        labels: [String: String],
        containerLabels: [String: String] = [:],
        image: String? = nil
    ) {
        (self.id, self.name, self.labels, self.containerLabels) = (id, name, labels, containerLabels)
        self.image = image
    }
}

extension Service: EngineAnswer {
    func keepingLabels(_ isRead: (String) -> Bool) -> Service {
        Service(
            id: id,
            name: name,
            labels: labels.filter { isRead($0.key) },
            containerLabels: containerLabels.filter { isRead($0.key) },
            image: image
        )
    }

    private enum CodingKeys: String, CodingKey { case id = "ID", spec = "Spec" }
    private enum SpecKeys: String, CodingKey { case name = "Name", labels = "Labels", template = "TaskTemplate" }
    private enum TemplateKeys: String, CodingKey { case container = "ContainerSpec" }
    private enum ContainerKeys: String, CodingKey { case labels = "Labels", image = "Image" }

    public init(from decoder: any Decoder) throws {
        let top = try decoder.container(keyedBy: CodingKeys.self)
        id = try top.decode(String.self, forKey: .id)
        let spec = try top.nestedContainer(keyedBy: SpecKeys.self, forKey: .spec)
        name = try spec.decode(String.self, forKey: .name)
        labels = try spec.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        let template = try? spec.nestedContainer(keyedBy: TemplateKeys.self, forKey: .template)
        let container = try? template?.nestedContainer(keyedBy: ContainerKeys.self, forKey: .container)
        containerLabels = try container?.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        image = try container?.decodeIfPresent(String.self, forKey: .image)
    }

    public func encode(to encoder: any Encoder) throws {
        var top = encoder.container(keyedBy: CodingKeys.self)
        try top.encode(id, forKey: .id)
        var spec = top.nestedContainer(keyedBy: SpecKeys.self, forKey: .spec)
        try spec.encode(name, forKey: .name)
        try spec.encode(labels, forKey: .labels)
        var template = spec.nestedContainer(keyedBy: TemplateKeys.self, forKey: .template)
        var container = template.nestedContainer(keyedBy: ContainerKeys.self, forKey: .container)
        try container.encode(containerLabels, forKey: .labels)
        try container.encodeIfPresent(image, forKey: .image)
    }
}

struct ServiceCreated: EngineAnswer {
    let id: String
    enum CodingKeys: String, CodingKey { case id = "ID" }
}
