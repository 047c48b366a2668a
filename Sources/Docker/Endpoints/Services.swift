import Model
import Ports

extension EngineClient {
    /// All services of the cluster; only a manager can answer.
    ///
    /// - Parameter countingTasks: whether the engine also says how many of their tasks run.
    package func services(countingTasks: Bool = false) async throws(EngineError) -> [Service] {
        try await list("/services", query: countingTasks ? [("status", "true")] : [])
    }

    /// - Parameter id: its id or its name.
    package func service(_ id: String) async throws(EngineError) -> Service {
        try await get("/services/\(percentEncoded(id))")
    }

    /// Removes a service; 404 when there is none.
    package func removeService(_ id: String) async throws(EngineError) {
        try await act(.delete, "/services/\(percentEncoded(id))")
    }
}

package struct Service: Hashable, EngineAnswer {
    package let id: String
    private var spec: Spec
    /// Goes back to the engine with a change.
    private let version: Version?
    private let update: Update?
    private let status: Status?

    private enum CodingKeys: String, CodingKey {
        case id = "ID", spec = "Spec", version = "Version", update = "UpdateStatus", status = "ServiceStatus"
    }

    private struct Status: Codable, Hashable {
        let running: Int?
        let desired: Int?
        enum CodingKeys: String, CodingKey { case running = "RunningTasks", desired = "DesiredTasks" }
    }

    private struct Spec: Codable, Hashable {
        let name: String
        var labels: [String: String]?
        var template: Template?
        enum CodingKeys: String, CodingKey { case name = "Name", labels = "Labels", template = "TaskTemplate" }
    }

    private struct Template: Codable, Hashable {
        var container: Container?
        enum CodingKeys: String, CodingKey { case container = "ContainerSpec" }
    }

    fileprivate struct Container: Codable, Hashable {
        let image: String?
        var labels: [String: String]?
        let secrets: [Reference]?
        let environment: ProxyVariables?
        /// Nil where none is of certificates.
        let mounts: Mounts?
        enum CodingKeys: String, CodingKey {
            case image = "Image", labels = "Labels", secrets = "Secrets", environment = "Env", mounts = "Mounts"
        }
    }

    fileprivate struct Reference: Codable, Hashable {
        struct File: Codable, Hashable {
            let name: String
            enum CodingKeys: String, CodingKey { case name = "Name" }
        }

        let file: File?
        let id: String
        let name: String
        enum CodingKeys: String, CodingKey { case file = "File", id = "SecretID", name = "SecretName" }
    }

    private struct Version: Codable, Hashable {
        let index: UInt64
        enum CodingKeys: String, CodingKey { case index = "Index" }
    }

    private struct Update: Codable, Hashable {
        let state: String?
        enum CodingKeys: String, CodingKey { case state = "State" }
    }

    package init(
        id: String,
        name: String,
        labels: [String: String],
        containerLabels: [String: String] = [:],
        secrets: [SecretFile] = [],
        environment: [String] = [],
        tasks: Int? = nil,
        mounts: [Mount] = [],
        updateState: String? = nil,
        version: UInt64? = nil
    ) {
        self.id = id
        let references = secrets.map { Reference(file: .init(name: $0.file), id: $0.id, name: $0.name) }
        let container = Container(
            image: nil,
            labels: containerLabels,
            secrets: references,
            environment: environment.isEmpty ? nil : ProxyVariables(environment),
            mounts: mounts.isEmpty ? nil : Mounts(all: mounts)
        )
        spec = Spec(name: name, labels: labels, template: Template(container: container))
        self.version = version.map { Version(index: $0) }
        update = updateState.map { Update(state: $0) }
        status = tasks.map { Status(running: $0, desired: $0) }
    }

    package var name: String { spec.name }
    package var labels: [String: String] { spec.labels ?? [:] }
    /// The labels its containers get, from the task template.
    package var containerLabels: [String: String] { spec.template?.container?.labels ?? [:] }
    /// What its containers are made from, as the Swarm pinned it: `nginx:1.27@sha256:…`.
    package var image: String? { spec.template?.container?.image }
    /// The secrets that its containers get as files.
    package var secrets: [SecretFile] {
        (spec.template?.container?.secrets ?? []).compactMap { reference in
            reference.file.map { SecretFile(file: $0.name, name: reference.name, id: reference.id) }
        }
    }
    /// The variables of its containers that declare hosts to nginx-proxy: `NAME=VALUE`.
    package var declaringEnvironment: [String] { spec.template?.container?.environment?.lines ?? [] }
    /// Whether none of its tasks runs, or is to run; false if that was not asked for.
    package var isWithoutTasks: Bool { status.map { $0.running == 0 && $0.desired ?? 0 == 0 } ?? false }
    /// Of parts of folders with certificates.
    package var mounts: [Mount] { spec.template?.container?.mounts?.all ?? [] }
    /// The version of the specification; nil if the engine did not send one.
    package var versionIndex: UInt64? { version?.index }
    /// The state of its last update: `updating`, `completed`, `paused`, `rollback_completed`, …; nil when there was none.
    package var updateState: String? { update?.state }

    /// Whether its tasks are being replaced, or that has come to a halt.
    package var isBeingUpdated: Bool { ![nil, "completed", "rollback_completed"].contains(updateState) }

    /// How the names of Landfall's own short-lived services begin. They request nothing and trigger nothing.
    package static let helperPrefix = "landfall-signal-"
    /// On those services, the instance of Landfall that made it.
    package static let helperLabel = "landfall.helper"

    /// Whether it is one of those; a user's service may be named alike.
    package var isHelper: Bool { name.hasPrefix(Self.helperPrefix) && labels[Self.helperLabel] != nil }

    func changingLabels(_ change: ([String: String]) -> [String: String]) -> Service {
        var service = self
        service.spec.labels = change(labels)
        service.spec.template?.container?.labels = change(containerLabels)
        return service
    }
}

extension Service.Container {
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        image = try container.decodeIfPresent(String.self, forKey: .image)
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels)
        secrets = try container.decodeIfPresent([Service.Reference].self, forKey: .secrets)
        environment = try container.decodeIfPresent(ProxyVariables.self, forKey: .environment)
        let mounts = try container.decodeIfPresent(Mounts.self, forKey: .mounts)
        self.mounts = mounts?.all.isEmpty == true ? nil : mounts
    }
}

struct ServiceCreated: EngineAnswer {
    let id: String
    enum CodingKeys: String, CodingKey { case id = "ID" }
}

/// The variables by which containers declare hosts to nginx-proxy and acme-companion. No other is kept, for they may hold secrets.
package struct ProxyVariables: Codable, Hashable, Sendable {
    let lines: [String]

    private static let names: Set = [
        "VIRTUAL_HOST", "VIRTUAL_HOST_MULTIPORTS", "ACME_HOST", "LETSENCRYPT_HOST", "ACME_SINGLE_DOMAIN_CERTS",
        "LETSENCRYPT_SINGLE_DOMAIN_CERTS", "LETSENCRYPT_TEST", "ACME_CA_URI",
    ]

    init(_ lines: [String]) {
        let known = lines.filter { line in
            Self.names.contains(String(decoding: line.utf8.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self))
        }
        // By length in bytes, as labels: what is too long is no list of hosts.
        self.lines = known.filter { LabelLimits.reason(against: $0) == nil }
    }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([String].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(lines)
    }
}

extension KeyedDecodingContainer {
    /// An environment without such variables is none, so that nothing of it is recorded.
    func decodeIfPresent(_ type: ProxyVariables.Type, forKey key: Key) throws -> ProxyVariables? {
        guard let lines = try decodeIfPresent([String].self, forKey: key) else { return nil }
        let variables = ProxyVariables(lines)
        return variables.lines.isEmpty ? nil : variables
    }
}
