import FoundationEssentials
public import Model

/// A complete request, its body included.
public struct ServerRequest: Sendable {
    /// As sent: `GET`, `POST`, …
    public let method: String
    /// Percent-decoded, without the query.
    public let path: String
    /// Percent-decoded; if a name occurs twice, its last value.
    public let query: [String: String]
    /// Names in lower case; if a name occurs twice, its last value.
    public let headers: [String: String]
    public let body: [UInt8]
    /// Nil on a Unix socket.
    public let remoteAddress: IPAddress?

    public init(
        method: String,
        path: String,
        query: [String: String] = [:],
        headers: [String: String] = [:],
        body: [UInt8] = [],
        remoteAddress: IPAddress? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }
}

/// A response to send.
public struct ServerResponse: Sendable {
    public var status: Int
    public var headers: [String: String]
    public var body: [UInt8]
    /// If set, it provides the body.
    public var stream: ServerStream?

    public init(status: Int = 200, headers: [String: String] = [:], body: [UInt8] = []) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    /// No response: the connection is closed.
    public static let hangUp = ServerResponse(status: 0)

    /// A response whose body is written over time.
    public static func stream(_ stream: ServerStream, headers: [String: String]) -> ServerResponse {
        var response = ServerResponse(headers: headers)
        response.stream = stream
        return response
    }

    public static func text(_ text: String, status: Int = 200) -> ServerResponse {
        ServerResponse(status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }

    public static func html(_ text: String, status: Int = 200) -> ServerResponse {
        ServerResponse(status: status, headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(text.utf8))
    }

    /// The value as JSON, or 500 if it cannot be encoded.
    public static func json(_ value: some Encodable, status: Int = 200) -> ServerResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return .text("the response cannot be encoded", status: 500) }
        return ServerResponse(status: status, headers: ["Content-Type": "application/json"], body: Array(data))
    }
}
