public import Model

/// What `docker inspect` tells of a container, as far as it matters here.
public struct ContainerDetails: Sendable, Hashable {
    private let state: State
    private var config: Config?
    private let host: Host?
    /// The image's own id: `sha256:…`.
    public let image: String?

    private struct State: Codable, Hashable {
        let startedAt: String
        enum CodingKeys: String, CodingKey { case startedAt = "StartedAt" }
    }

    private struct Config: Codable, Hashable {
        let image: String?
        let stopSignal: String?
        var labels: [String: String]?
        enum CodingKeys: String, CodingKey { case image = "Image", stopSignal = "StopSignal", labels = "Labels" }
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

    /// When it was last started; nil when it never was.
    public var started: Timestamp? { Timestamp(engineTime: state.startedAt) }

    /// What it was made from, as its maker wrote it: `nginx:1.27`.
    public var imageReference: String? { config?.image }

    /// The Swarm service whose task this is.
    public var service: String? { config?.labels?[Container.serviceLabel] }

    /// Whether the engine, after it was told to `kill`, would not start the container again when that ends by itself: it
    /// cannot tell a signal from the wish that it stop (https://github.com/moby/moby/issues/11065), unless that is wished by
    /// another one; with `unless-stopped` never (https://github.com/moby/moby/issues/41302).
    ///
    /// - Parameter signal: without `SIG`.
    public func losesRestart(byKill signal: String) -> Bool {
        let policy = host?.restartPolicy?.name ?? ""
        guard !["", "no"].contains(policy), service == nil else { return false }
        let stop = (config?.stopSignal ?? "").uppercased()
        // A number is not looked up: it may be that of the signal.
        return policy == "unless-stopped" || stop.isEmpty || Int(stop) != nil || stop == signal
            || stop == "SIG" + signal
    }

    /// Whether process 1, as seen from inside, may be another's: the node's own, or another container's.
    public var sharesProcesses: Bool { !(host?.processes ?? "").isEmpty && host?.processes != "private" }
}

extension ContainerDetails: EngineAnswer {
    private enum CodingKeys: String, CodingKey {
        case state = "State", config = "Config", host = "HostConfig", image = "Image"
    }

    func keepingLabels(_ isRead: (String) -> Bool) -> ContainerDetails {
        var details = self
        details.config?.labels = config?.labels?.filter { isRead($0.key) }
        return details
    }
}
