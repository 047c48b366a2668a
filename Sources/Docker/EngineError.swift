package import Ports

/// Why the engine did not answer as asked. The description says what is wrong and what to do about it.
package enum EngineError: Error, Hashable, Sendable, CustomStringConvertible {
    case transport(TransportError, endpoint: String)
    case status(Int, message: String)
    /// Not what an engine sends; an excerpt.
    case undecodable(String)
    case tooOld(version: String)

    package var description: String {
        guard let advice else { return problem }
        return "\(problem); \(advice)"
    }

    private var problem: String {
        switch self {
        case .transport(let error, let endpoint): "the Docker engine at \(endpoint): \(error)"
        case .status(let status, let message): "the Docker engine answered \(status): \(message)"
        case .undecodable(let excerpt): "the Docker engine sent something that is no answer of an engine: \(excerpt)"
        case .tooOld(let version): "the Docker engine speaks API \(version) at most"
        }
    }

    private var advice: String? {
        switch self {
        case .transport(.unreachable(_, .missing), _):
            "start Docker, mount its socket into Landfall's container, or set DOCKER_HOST"
        case .transport(.unreachable(_, .forbidden), _):
            "run Landfall as root, or add its user to the group that owns the socket (usually `docker`)"
        case .transport(.unreachable(_, .notListening), _): "start the Docker daemon"
        case .transport(.unreachable, _): "check DOCKER_HOST, and whether the daemon listens there"
        case .transport(.timedOut, _): "the daemon hangs, or its Swarm has no quorum"
        case .status(403, _): "a socket proxy in between must allow \(Self.proxySections)"
        case .tooOld: "Landfall needs API \(APIVersion.oldest) (Docker 20.10) or newer: upgrade Docker"
        case .undecodable: "check that DOCKER_HOST names a Docker engine"
        default: nil
        }
    }

    /// The sections of https://github.com/Tecnativa/docker-socket-proxy that Landfall reads and writes.
    private static let proxySections =
        "EVENTS PING VERSION INFO CONTAINERS SERVICES TASKS NODES POST, and "
        + "SECRETS, IMAGES or EXEC for what needs them (docs/signals.md)"
}
