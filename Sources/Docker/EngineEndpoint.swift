import Transport

/// Where the engine listens: what `DOCKER_HOST` names.
public struct EngineEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// `http://docker`, or `https://HOST:PORT`.
    let base: String
    let peer: Peer
    public let description: String

    public static let defaultHost = "unix:///var/run/docker.sock"

    /// - Parameters:
    ///   - host: `unix://PATH` or `tcp://HOST:PORT`.
    ///   - verify: `DOCKER_TLS_VERIFY`: any non-empty value asks for verified TLS, `0` too.
    ///   - certificates: `DOCKER_CERT_PATH`: the folder of ca.pem, cert.pem and key.pem.
    public init(host: String, verify: Bool = false, certificates: String? = nil) throws(EngineEndpointError) {
        description = host
        let parts = host.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[1].hasPrefix("//"), parts[1].count > 2 else { throw .malformed(host) }
        let rest = String(parts[1].dropFirst(2))
        switch parts[0] {
        case "unix":
            // sockaddr_un holds 108 bytes with the final zero.
            guard rest.hasPrefix("/"), rest.utf8.count <= 107 else { throw .malformed(host) }
            (base, peer) = ("http://docker", .unixSocket(path: rest))
        case "tcp", "http", "https":
            guard rest.allSatisfy({ $0.isASCII && !$0.isWhitespace && !"@?#".contains($0) }) else {
                throw .malformed(host)
            }
            let secure = verify || certificates != nil || parts[0] == "https"
            base = "\(secure ? "https" : "http")://\(rest)"
            peer = secure ? Self.mutualTLS(certificates, verify: verify) : .network
        case "ssh": throw .ssh
        default: throw .malformed(host)
        }
    }

    private static func mutualTLS(_ folder: String?, verify: Bool) -> Peer {
        .mutualTLS(
            authority: folder.map { $0 + "/ca.pem" },
            certificate: folder.map { $0 + "/cert.pem" },
            key: folder.map { $0 + "/key.pem" },
            verify: verify
        )
    }
}

public enum EngineEndpointError: Error, Hashable, Sendable, CustomStringConvertible {
    case ssh
    case malformed(String)

    public var description: String {
        switch self {
        case .ssh: "ssh:// is not supported; forward the socket and use unix:// or tcp://"
        case .malformed(let text): "`\(text)` is neither unix:///path/to/docker.sock nor tcp://host:port"
        }
    }
}
