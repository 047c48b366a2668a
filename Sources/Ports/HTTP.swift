package import Model

/// The port to everything that speaks HTTP: the engine's socket, providers, address services, chat, our own control socket.
package protocol HTTPTransport: Sendable {
    /// One exchange, bounded in time and size. A status is never an error here.
    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse

    /// One exchange whose body arrives over time. The status is known before the first chunk is.
    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream
}

package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
    }

    package var method: Method
    /// Absolute, already percent-encoded.
    package var url: String
    package var headers: [HTTPHeader]
    package var body: [UInt8]?
    /// For the whole exchange; for a stream, until its headers have come.
    package var timeLimit: Duration
    package var connectLimit: Duration
    /// A longer body is an error, unless it is cut.
    package var bodyLimit: Int
    /// Whether the rest of a longer body is read and dropped.
    package var cutsBody = false
    package var peer: Peer
    /// Forces the socket's address family.
    package var family: IPAddress.Family?
    /// Uses no proxy, whatever the environment says: for what is meant to leave from here, or is near.
    package var isDirect: Bool
    /// The body of the answer in the replay of a recording that does not have this question at all, because it is older.
    package var unrecordedAnswer: String?

    package init(
        _ method: Method = .get,
        _ url: String,
        headers: [HTTPHeader] = [],
        body: [UInt8]? = nil,
        timeLimit: Duration = .seconds(15),
        connectLimit: Duration = .seconds(5),
        bodyLimit: Int = 8 << 20,
        peer: Peer = .network,
        family: IPAddress.Family? = nil,
        isDirect: Bool = false
    ) {
        (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
        (self.timeLimit, self.connectLimit, self.bodyLimit) = (timeLimit, connectLimit, bodyLimit)
        (self.peer, self.family, self.isDirect) = (peer, family, isDirect)
    }
}

/// Where the connection goes.
package enum Peer: Sendable, Hashable {
    /// The host in the URL; `https` is verified against the system's authorities and `LANDFALL_CA_FILE`.
    case network
    /// A Unix socket; the URL's host is ignored. `@NAME` is one outside of the file system (unix(7), abstract sockets).
    case unixSocket(path: String)
    /// Mutual TLS with these PEM files; `verify` false accepts any server certificate (Docker's `DOCKER_TLS_VERIFY` unset).
    case mutualTLS(authority: String?, certificate: String?, key: String?, verify: Bool)
}

package struct HTTPHeader: Sendable {
    package let name: String
    package let value: Secret
    /// A secret value is kept out of recordings.
    package let isSecret: Bool

    package init(_ name: String, _ value: String) {
        (self.name, self.value, isSecret) = (name, Secret(value), false)
    }

    package init(_ name: String, secret value: String) {
        (self.name, self.value, isSecret) = (name, Secret(value), true)
    }
}

package struct HTTPResponse: Hashable, Sendable, Codable {
    package let status: Int
    /// Names in lower case.
    package let headers: [String: String]
    @Bytes package private(set) var body: [UInt8]

    package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        (self.status, self.headers) = (status, headers)
        self.body = body
    }

    package var text: String { String(outside: body) }
}

/// A body that arrives over time. It ends by finishing, or by throwing a `TransportError`; dropping it ends the exchange.
package struct HTTPStream: Sendable {
    package let status: Int
    package let headers: [String: String]
    package let chunks: AsyncThrowingStream<[UInt8], any Error>

    package init(status: Int, headers: [String: String], chunks: AsyncThrowingStream<[UInt8], any Error>) {
        (self.status, self.headers, self.chunks) = (status, headers, chunks)
    }
}

/// Why no answer came. The text names neither headers nor bodies.
package enum TransportError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// - Parameter proxy: the variable that names the proxy that the request went through.
    case timedOut(after: Duration, proxy: String? = nil)
    /// - Parameter socket: what is wrong, where the peer is a Unix socket.
    case unreachable(String, socket: SocketError? = nil)
    case tooLarge(limit: Int)
    case broken(String)
    case cancelled

    package var description: String {
        switch self {
        case .timedOut(let limit, nil): "no answer within \(limit.readable)"
        case .timedOut(let limit, let proxy?):
            "no answer within \(limit.readable) through the proxy that \(proxy) names"
        case .unreachable(let reason, _), .broken(let reason): reason
        case .tooLarge(let limit): "the answer is longer than \(limit) bytes"
        case .cancelled: "cancelled"
        }
    }

    private enum UnreachableCodingKeys: String, CodingKey { case _0 = "reason", socket }
    private enum BrokenCodingKeys: String, CodingKey { case _0 = "reason" }
}

/// Why a Unix socket accepts no connection.
package enum SocketError: String, Sendable, Hashable, Codable {
    case missing, forbidden
    /// The file is there, but no process listens on it.
    case notListening
}
