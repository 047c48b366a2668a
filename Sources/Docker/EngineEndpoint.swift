import Ports

/// Where the engine listens: what `DOCKER_HOST` names.
package struct EngineEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// `http://docker`, or `https://HOST:PORT`.
    let base: String
    let peer: Peer
    package let description: String

    /// That a connection by TLS accepts any certificate; a clause, nil if there is nothing to warn of.
    package var warning: String? {
        guard case .mutualTLS(_, _, _, let verify) = peer, !verify else { return nil }
        return
            "the engine's certificate is not verified, so any program that answers there is taken for the engine; set DOCKER_TLS_VERIFY=1"
    }

    /// Docker's own standard.
    package static let standard = EngineEndpoint(socket: "/var/run/docker.sock")

    private init(socket: String) {
        (base, peer, description) = ("http://docker", .unixSocket(path: socket), "unix://" + socket)
    }

    /// - Parameters:
    ///   - host: `unix://PATH` or `tcp://HOST:PORT`.
    ///   - verify: `DOCKER_TLS_VERIFY`: any non-empty value asks for verified TLS, `0` too.
    ///   - certificates: `DOCKER_CERT_PATH`: the folder of ca.pem, cert.pem and key.pem.
    package init(host: String, verify: Bool = false, certificates: String? = nil) throws(EngineEndpointError) {
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
            let secure = verify || certificates != nil || parts[0] == "https"
            guard let authority = Self.authority(rest, defaultPort: secure ? 2376 : 2375) else {
                throw .malformed(host)
            }
            base = "\(secure ? "https" : "http")://\(authority)"
            peer = secure ? Self.mutualTLS(certificates, verify: verify) : .network
        case "ssh": throw .ssh
        default: throw .malformed(host)
        }
    }

    /// `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`, with Docker's own port where none is given.
    private static func authority(_ text: String, defaultPort: Int) -> String? {
        let text = text.hasSuffix("/") ? text.dropLast() : text[...]
        let isClean = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._:[]".contains($0)) }
        guard isClean, !text.isEmpty else { return nil }
        let afterAddress = text.lastIndex(of: "]").map { text[$0...] } ?? text
        guard let colon = afterAddress.lastIndex(of: ":") else { return "\(text):\(defaultPort)" }
        guard let port = Int(afterAddress[afterAddress.index(after: colon)...]), (1...65535).contains(port) else {
            return nil
        }
        return String(text)
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

package enum EngineEndpointError: Error, Hashable, Sendable, CustomStringConvertible {
    case ssh
    case malformed(String)

    package var description: String {
        switch self {
        case .ssh: "ssh:// is not supported; forward the socket and use unix:// or tcp://"
        case .malformed(let text): "`\(text)` is neither unix:///path/to/docker.sock nor tcp://host:port"
        }
    }
}
