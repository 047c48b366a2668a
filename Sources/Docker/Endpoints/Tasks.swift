package import Model

extension EngineClient {
    /// The tasks of some services that the Swarm wants to run now.
    package func wantedTasks(of services: [String]) async throws(EngineError) -> [ServiceTask] {
        try await tasks(["service": .strings(services), "desired-state": ["running"]])
    }

    /// All tasks of a service that are remembered.
    package func tasks(of service: String) async throws(EngineError) -> [ServiceTask] {
        try await tasks(["service": [.string(service)]])
    }

    /// Far more than the results of a helper; another node may send any amount.
    private static let logLimit = 64 << 10

    private func tasks(_ filters: [String: JSONValue]) async throws(EngineError) -> [ServiceTask] {
        try await list("/tasks", filters)
    }

    /// The lines that a task wrote, as far as its node still has them.
    package func output(ofTask id: String) async throws(EngineError) -> TaskOutput {
        let path = "/tasks/\(percentEncoded(id))/logs"
        let query = [("stdout", "true"), ("stderr", "true")]
        let bytes = try await bytes(path, query: query, timeLimit: .seconds(5), cutAfter: Self.logLimit)
        return LogFrames.output(in: bytes)
    }
}

/// One container's worth of a service, on one node.
package struct ServiceTask: Sendable, Hashable {
    package let id: String
    package let service: String
    /// Empty until it has one.
    private let nodeID: String?
    /// The number of its replica; nil in a global service.
    private let slotNumber: Int?
    private let createdAt: String?
    private let status: Status?
    private var spec: Spec?

    private struct Status: Codable, Hashable {
        struct Container: Codable, Hashable {
            let id: String?
            enum CodingKeys: String, CodingKey { case id = "ContainerID" }
        }

        let state: String?
        let error: String?
        let container: Container?
        enum CodingKeys: String, CodingKey { case state = "State", error = "Err", container = "ContainerStatus" }
    }

    private struct Spec: Codable, Hashable {
        struct Container: Codable, Hashable {
            var labels: [String: String]?
            enum CodingKeys: String, CodingKey { case labels = "Labels" }
        }

        var container: Container?
        enum CodingKeys: String, CodingKey { case container = "ContainerSpec" }
    }

    package var node: String? { nodeID.flatMap { $0.isEmpty ? nil : $0 } }
    package var container: String? { status?.container?.id.flatMap { $0.isEmpty ? nil : $0 } }
    package var containerLabels: [String: String] { spec?.container?.labels ?? [:] }
    /// Its container started no earlier.
    package var created: Timestamp? { createdAt.flatMap { Timestamp(rfc3339: $0) } }
    /// `running`, `complete`, `failed`, `rejected`, …
    package var state: String { status?.state ?? "" }
    /// What went wrong, in the engine's words.
    package var error: String? { status?.error.flatMap { $0.isEmpty ? nil : $0 } }

    /// Whether nothing more comes of it (https://docs.docker.com/engine/swarm/how-swarm-mode-works/swarm-task-states/).
    package var isOver: Bool { ["complete", "shutdown", "failed", "rejected", "orphaned", "remove"].contains(state) }

    /// The number of its replica; 0 in a global service.
    package var slot: Int { slotNumber ?? 0 }

    /// What the engine calls its container: of a replica its number, of a global service its node.
    package func containerName(ofService name: String) -> String {
        "\(name).\(slotNumber.flatMap { $0 > 0 ? String($0) : nil } ?? node ?? "").\(id)"
    }
}

extension ServiceTask: EngineAnswer {
    private enum CodingKeys: String, CodingKey {
        case id = "ID", service = "ServiceID", nodeID = "NodeID", slotNumber = "Slot", createdAt = "CreatedAt"
        case status = "Status", spec = "Spec"
    }

    func changingLabels(_ change: ([String: String]) -> [String: String]) -> ServiceTask {
        var task = self
        task.spec?.container?.labels = change(containerLabels)
        return task
    }
}

/// What a task wrote to its standard output and to its standard error.
package struct TaskOutput: Sendable, Hashable {
    package var lines: [String] = []
    package var errors: [String] = []

    package init() {}
}

/// The output in a container's log: frames of a byte for the stream, three zeros, the length in four bytes (big-endian),
/// and the text (https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerAttach).
enum LogFrames {
    private static let (standardOutput, standardError): (UInt8, UInt8) = (1, 2)
    private static let headerLength = 8

    /// Its whole lines; what was cut off is left out.
    static func output(in bytes: [UInt8]) -> TaskOutput {
        var rest = bytes[...]
        var (text, errors): ([UInt8], [UInt8]) = ([], [])
        while rest.count >= headerLength {
            let header = Array(rest.prefix(headerLength))
            let length = header[4...].reduce(0) { $0 << 8 | Int($1) }
            let payload = rest.dropFirst(headerLength).prefix(length)
            guard payload.count == length else { break }
            if header[0] == standardOutput { text += payload }
            if header[0] == standardError { errors += payload }
            rest = rest.dropFirst(headerLength + length)
        }
        var output = TaskOutput()
        (output.lines, output.errors) = (lines(of: text), lines(of: errors))
        return output
    }

    private static func lines(of text: [UInt8]) -> [String] {
        text.split(separator: UInt8(ascii: "\n")).map { String(outside: $0) }
    }
}

extension EngineClient {
    /// The nodes of the Swarm; only a manager can answer.
    package func nodes() async throws(EngineError) -> [Node] { try await list("/nodes") }
}

package struct Node: Sendable, Hashable {
    package let id: String
    private let spec: Spec
    private let description: Description?
    private let status: Status?

    private struct Spec: Codable, Hashable {
        let availability: String
        enum CodingKeys: String, CodingKey { case availability = "Availability" }
    }

    private struct Description: Codable, Hashable {
        struct Platform: Codable, Hashable {
            let architecture: String?
            enum CodingKeys: String, CodingKey { case architecture = "Architecture" }
        }

        let hostname: String?
        let platform: Platform?
        enum CodingKeys: String, CodingKey { case hostname = "Hostname", platform = "Platform" }
    }

    private struct Status: Codable, Hashable {
        let state: String
        enum CodingKeys: String, CodingKey { case state = "State" }
    }

    /// Its host's name, which two may share.
    private var hostname: String { description?.hostname ?? id }

    /// Its host's name, with its ID where another of `nodes` has the same.
    package func name(among nodes: [Node]) -> String {
        let name = sanitized(hostname, limit: 64)
        let isShared = nodes.contains { $0.id != id && $0.hostname == hostname }
        return isShared ? "\(name) (\(sanitized(id, limit: 64)))" : name
    }

    /// As the kernel calls it: `x86_64`, `aarch64`, …
    package var architecture: String? { description?.platform?.architecture }

    /// `ready`, `down`, `disconnected` or `unknown`.
    package var state: String { status?.state ?? "unknown" }

    /// `active`, `pause` or `drain`: only what is active gets new tasks.
    package var availability: String { spec.availability }
}

extension Node: EngineAnswer {
    private enum CodingKeys: String, CodingKey {
        case id = "ID", spec = "Spec", description = "Description", status = "Status"
    }
}
