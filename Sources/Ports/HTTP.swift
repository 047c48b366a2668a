public import Model

/// The port to everything that speaks HTTP: the engine's socket, providers, address services, chat, our own control socket.
public protocol HTTPTransport: Sendable {
    /// One exchange, bounded in time and size. A status is never an error here.
    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse

    /// One exchange whose body arrives over time. The status is known before the first chunk is.
    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream
}

public struct HTTPRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
    }

    public var method: Method
    /// Absolute, already percent-encoded.
    public var url: String
    public var headers: [HTTPHeader]
    public var body: [UInt8]?
    /// For the whole exchange; for a stream, until its headers have come.
    public var timeLimit: Duration
    public var connectLimit: Duration
    /// A longer body is an error, never a cut one.
    public var bodyLimit: Int
    public var peer: Peer
    /// Forces the socket's address family.
    public var family: IPAddress.Family?

    public init(
        _ method: Method = .get,
        _ url: String,
        headers: [HTTPHeader] = [],
        body: [UInt8]? = nil,
        timeLimit: Duration = .seconds(15),
        connectLimit: Duration = .seconds(5),
        bodyLimit: Int = 8 << 20,
        peer: Peer = .network,
        family: IPAddress.Family? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeLimit = timeLimit
        self.connectLimit = connectLimit
        self.bodyLimit = bodyLimit
        self.peer = peer
        self.family = family
    }
}

/// Where the connection goes.
public enum Peer: Sendable, Hashable {
    /// The host in the URL; `https` is verified against the system's authorities and `LANDFALL_CA_FILE`.
    case network
    /// A Unix socket; the URL's host is ignored.
    case unixSocket(path: String)
    /// Mutual TLS with these PEM files; `verify` false accepts any server certificate (Docker's `DOCKER_TLS_VERIFY` unset).
    case mutualTLS(authority: String?, certificate: String?, key: String?, verify: Bool)
}

public struct HTTPHeader: Sendable {
    public let name: String
    public let value: Secret
    /// A secret value is kept out of recordings.
    public let isSecret: Bool

    public init(_ name: String, _ value: String) {
        (self.name, self.value, isSecret) = (name, Secret(value), false)
    }

    public init(_ name: String, secret value: String) {
        (self.name, self.value, isSecret) = (name, Secret(value), true)
    }
}

public struct HTTPResponse: Hashable, Sendable {
    public let status: Int
    /// Names in lower case.
    public let headers: [String: String]
    public let body: [UInt8]

    public init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    public var text: String { String(decoding: body, as: UTF8.self) }
}

extension HTTPResponse: Codable {
    private enum CodingKeys: CodingKey { case status, headers, body }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        status = try container.decode(Int.self, forKey: .status)
        headers = try container.decode([String: String].self, forKey: .headers)
        body = try container.decode(Bytes.self, forKey: .body).array
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(status, forKey: .status)
        try container.encode(headers, forKey: .headers)
        try container.encode(Bytes(body), forKey: .body)
    }
}

/// A body that arrives over time. It ends by finishing, or by throwing a `TransportError`; dropping it ends the exchange.
public struct HTTPStream: Sendable {
    public let status: Int
    public let headers: [String: String]
    public let chunks: AsyncThrowingStream<[UInt8], any Error>

    public init(status: Int, headers: [String: String], chunks: AsyncThrowingStream<[UInt8], any Error>) {
        (self.status, self.headers, self.chunks) = (status, headers, chunks)
    }
}

/// Why no answer came. The text names neither headers nor bodies.
public enum TransportError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    case timedOut(after: Duration)
    /// - Parameter socket: what is wrong, where the peer is a Unix socket.
    case unreachable(String, socket: SocketError? = nil)
    case tooLarge(limit: Int)
    case broken(String)
    case cancelled

    public var description: String {
        switch self {
        case .timedOut(let limit): "no answer within \(limit.readable)"
        case .unreachable(let reason, _), .broken(let reason): reason
        case .tooLarge(let limit): "the answer is longer than \(limit) bytes"
        case .cancelled: "cancelled"
        }
    }

    private enum UnreachableCodingKeys: String, CodingKey { case _0 = "reason", socket }
    private enum BrokenCodingKeys: String, CodingKey { case _0 = "reason" }
}

/// Why a Unix socket accepts no connection.
public enum SocketError: String, Sendable, Hashable, Codable {
    case missing, forbidden
    /// The file is there, but no process listens on it.
    case notListening
}
