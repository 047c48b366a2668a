package import Model
import Ports

extension EngineClient {
    /// - Parameter id: its id, the beginning of it, or its name.
    package func container(_ id: String) async throws(EngineError) -> ContainerDetails {
        try await get("/containers/\(percentEncoded(id))/json")
    }

    /// What the engine says of a container's process, soon after something was done to it.
    package func state(ofContainer id: String) async throws(EngineError) -> ContainerDetails {
        // `size` is false anyway. It tells this question from the one before the signal, in recordings too.
        try await get(
            "/containers/\(percentEncoded(id))/json",
            query: [("size", "false")],
            unrecordedAnswer: #"{"State":{"StartedAt":""}}"#
        )
    }

    /// Sends a signal to a container's first process: 204; 404 gone; 409 not running.
    package func kill(container id: String, signal: String) async throws(EngineError) {
        try await act(.post, "/containers/\(percentEncoded(id))/kill", query: [("signal", signal)])
    }

    /// Runs a program in a running container, as its user, and returns the exit status: 126 "cannot", 127 "not found".
    package func execute(_ arguments: [String], inContainer id: String) async throws(EngineError) -> Int {
        let command: JSONValue = ["Cmd": .strings(arguments), "AttachStdout": true]
        let made: ExecCreated = try await post("/containers/\(percentEncoded(id))/exec", body: command)
        // Not detached, so that the answer ends when the program does.
        try await act(.post, "/exec/\(percentEncoded(made.id))/start", body: ["Detach": false])
        let end: ExecDetails = try await get("/exec/\(percentEncoded(made.id))/json")
        return end.exitCode ?? 126
    }

    /// An image that this node has; 404 when it has not.
    package func image(_ name: String) async throws(EngineError) -> ImageDetails {
        try await get("/images/\(percentEncoded(name))/json")
    }
}

package struct Container: Hashable, EngineAnswer {
    package let id: String
    package let name: String
    package let labels: [String: String]
    /// `running`, `exited`, `restarting`, …
    package let state: String
    /// It started no earlier.
    package let created: Timestamp?
    /// Of parts of folders with certificates.
    package let mounts: [Mount]
    private let exposed: [Port]?

    private struct Port: Codable, Hashable {
        let number: Int
        let type: String
        enum CodingKeys: String, CodingKey { case number = "PrivatePort", type = "Type" }
    }

    package init(
        id: String,
        name: String,
        labels: [String: String],
        state: String = "running",
        created: Timestamp? = nil,
        mounts: [Mount] = [],
        ports: [Int] = []
    ) {
        (self.id, self.name, self.labels, self.state, self.created) = (id, name, labels, state, created)
        self.mounts = mounts
        exposed = ports.isEmpty ? nil : ports.map { Port(number: $0, type: "tcp") }
    }

    /// The TCP ports that it exposes, published or not.
    package var ports: [Int] { Set((exposed ?? []).filter { $0.type == "tcp" }.map(\.number)).sorted() }

    /// The Swarm service whose task this is.
    package var service: String? { labels[Self.serviceLabel] }

    /// The engine itself sets this label.
    package static let serviceLabel = "com.docker.swarm.service.name"

    package static let composeLabels = ["com.docker.compose.project", "com.docker.compose.service"]

    /// The project and service of Compose that it belongs to: `shop-web`.
    package var composeService: String? {
        let parts = Self.composeLabels.compactMap { labels[$0] }
        return parts.count == Self.composeLabels.count ? parts.joined(separator: "-") : nil
    }

    package var isRunning: Bool { state == "running" }

    /// Whether the engine counts it among those that run: a paused one has its processes, and so has one that restarts.
    var isUp: Bool { ["running", "paused", "restarting"].contains(state) }

    /// Whether it is on its way out, or what a removal that failed left behind.
    package var isBeingRemoved: Bool { state == "removing" || state == "dead" }

    func changingLabels(_ change: ([String: String]) -> [String: String]) -> Container {
        Container(
            id: id,
            name: name,
            labels: change(labels),
            state: state,
            created: created,
            mounts: mounts,
            ports: ports
        )
    }

    private enum CodingKeys: String, CodingKey {
        case id = "Id", names = "Names", labels = "Labels", state = "State", created = "Created", mounts = "Mounts"
        case exposed = "Ports"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        let names = try container.decodeIfPresent([String].self, forKey: .names) ?? []
        // Legacy links add names such as `/other/alias`.
        // By scalars: with a mark after it, a slash is another character.
        let own = names.map { $0.unicodeScalars.drop { $0 == "/" } }.first { !$0.contains("/") }
        name = own.map { String($0) } ?? String(id.prefix(12))
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        state = try container.decodeIfPresent(String.self, forKey: .state) ?? ""
        created = try container.decodeIfPresent(Int64.self, forKey: .created).map { Timestamp(seconds: $0) }
        mounts = (try? container.decodeIfPresent(Mounts.self, forKey: .mounts))?.all ?? []
        // Ports in another form are none that are known.
        exposed = (try? container.decodeIfPresent([Port].self, forKey: .exposed)) ?? nil
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(["/" + name], forKey: .names)
        try container.encode(labels, forKey: .labels)
        try container.encode(state, forKey: .state)
        try container.encodeIfPresent(created?.seconds, forKey: .created)
        if !mounts.isEmpty { try container.encode(Mounts(all: mounts), forKey: .mounts) }
        try container.encodeIfPresent(exposed, forKey: .exposed)
    }
}

/// The part of `docker inspect` that Landfall reads.
package struct ContainerDetails: Hashable, EngineAnswer {
    private let state: State
    private var config: Config?
    private let host: Host?
    /// The image's own id: `sha256:…`.
    package let image: String?
    private let path: String?

    private enum CodingKeys: String, CodingKey {
        case state = "State", config = "Config", host = "HostConfig", image = "Image", path = "Name"
    }

    private struct State: Codable, Hashable {
        let startedAt: String
        var isRunning: Bool?
        var isRestarting: Bool?
        var exitCode: Int?
        enum CodingKeys: String, CodingKey {
            case startedAt = "StartedAt", isRunning = "Running", isRestarting = "Restarting", exitCode = "ExitCode"
        }
    }

    private struct Config: Codable, Hashable {
        let image: String?
        let stopSignal: String?
        var labels: [String: String]?
        let environment: ProxyVariables?
        enum CodingKeys: String, CodingKey {
            case image = "Image", stopSignal = "StopSignal", labels = "Labels", environment = "Env"
        }
    }

    private struct Host: Codable, Hashable {
        struct Policy: Codable, Hashable {
            let name: String?
            enum CodingKeys: String, CodingKey { case name = "Name" }
        }

        let restartPolicy: Policy?
        let processes: String?
        enum CodingKeys: String, CodingKey { case restartPolicy = "RestartPolicy", processes = "PidMode" }
    }

    package var name: String? { path.map { String($0.drop { $0 == "/" }) } }

    /// When it was last started; nil when it never was.
    package var started: Timestamp? { Timestamp(rfc3339: state.startedAt) }

    /// Whether its process runs; nil where the engine does not say.
    package var isRunning: Bool? { state.isRunning.map { $0 && state.isRestarting != true } }
    /// What its process ended with; 0 while it runs.
    package var exitCode: Int? { state.exitCode }

    /// What it was made from, as its maker wrote it: `nginx:1.27`.
    package var imageReference: String? { config?.image }

    /// The variables of it that declare hosts to nginx-proxy: `NAME=VALUE`.
    package var declaringEnvironment: [String] { config?.environment?.lines ?? [] }

    /// The Swarm service whose task this is.
    package var service: String? { config?.labels?[Container.serviceLabel] }

    /// Whether the engine, after a `kill`, would not restart the container when it ends later by itself: it takes it for a
    /// manual stop (https://github.com/moby/moby/issues/11065), unless a stop uses another signal; with `unless-stopped` always
    /// (https://github.com/moby/moby/issues/41302). `signal` is without `SIG`.
    package func losesRestart(byKill signal: String) -> Bool {
        let policy = host?.restartPolicy?.name ?? ""
        guard !["", "no"].contains(policy), service == nil else { return false }
        let stop = (config?.stopSignal ?? "").uppercased()
        // A number is not looked up: it may be that of the signal.
        return policy == "unless-stopped" || stop.isEmpty || Int(stop) != nil || stop == signal
            || stop == "SIG" + signal
    }

    /// Whether process 1, as seen from inside, may be another's: the node's own, or another container's.
    package var sharesProcesses: Bool { !(host?.processes ?? "").isEmpty && host?.processes != "private" }

    func changingLabels(_ change: ([String: String]) -> [String: String]) -> ContainerDetails {
        var details = self
        details.config?.labels = config?.labels.map(change)
        return details
    }
}

struct ExecCreated: EngineAnswer {
    let id: String
    enum CodingKeys: String, CodingKey { case id = "Id" }
}

struct ExecDetails: EngineAnswer {
    let exitCode: Int?
    enum CodingKeys: String, CodingKey { case exitCode = "ExitCode" }
}

package struct ImageDetails: Hashable, EngineAnswer {
    /// `sha256:…`
    package let id: String
    /// `REPOSITORY@sha256:…`, by which a registry has it; none for one that was built here.
    package let digests: [String]?
    /// What it runs on: `amd64`, `arm64`, …
    package let architecture: String?

    enum CodingKeys: String, CodingKey { case id = "Id", digests = "RepoDigests", architecture = "Architecture" }
}
