package import Ports

/// Why the engine did not answer as asked. The description says what is wrong and what to do about it.
package enum EngineError: Error, Hashable, Sendable, CustomStringConvertible {
    case transport(TransportError, endpoint: String)
    case status(Int, message: String)
    /// Something between Landfall and the engine, or the engine itself, does not let a request through.
    case forbidden(EngineCall, status: Int, message: String)
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
        case .forbidden(let call, let status, let message): "\(call) was answered \(status): \(message)"
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
        case .forbidden(let call, _, _): "a socket proxy in front of Docker has to allow it: \(call.permission)"
        case .tooOld: "Landfall needs API \(APIVersion.oldest) (Docker 20.10) or newer: upgrade Docker"
        case .undecodable: "check that DOCKER_HOST names a Docker engine"
        default: nil
        }
    }
}

/// A request by its method and path, without the API's version: `POST /containers/1a2b/kill`.
package struct EngineCall: Hashable, Sendable, CustomStringConvertible {
    let method: HTTPRequest.Method
    let path: String

    package var description: String { "\(method.rawValue) \(path)" }

    /// What lets it through: the flags of https://github.com/Tecnativa/docker-socket-proxy, or an option of
    /// https://github.com/wollomatic/socket-proxy.
    package var permission: String {
        let section = path.split(separator: "/").first.map { $0.uppercased() } ?? ""
        let flag = "\(section.trimmingPrefix("_"))=1"
        let flags = method == .get ? flag : "\(flag) and POST=1"
        return "docker-socket-proxy with \(flags), socket-proxy with a path in -allow\(method.rawValue)"
    }

    init(_ method: HTTPRequest.Method, _ path: String) { (self.method, self.path) = (method, path) }

    /// Nil where the URL is of another form.
    init?(_ request: HTTPRequest) {
        guard let scheme = request.url.firstRange(of: "://") else { return nil }
        let path = request.url[scheme.upperBound...].drop { $0 != "/" }.prefix { $0 != "?" }
        let parts = path.split(separator: "/", maxSplits: 1)
        let isVersioned = parts.first?.hasPrefix("v1.") == true && parts.count == 2
        self.init(request.method, isVersioned ? "/\(parts[1])" : String(path))
    }
}

extension EngineError {
    /// What an answer that is no success means.
    init(_ request: HTTPRequest, status: Int, message: String) {
        // One socket proxy answers 405 where no path is allowed for a method.
        guard [403, 405].contains(status), let call = EngineCall(request) else {
            self = .status(status, message: message)
            return
        }
        self = .forbidden(call, status: status, message: message)
    }
}
