import Model

/// A complete request, its body included.
package struct ServerRequest: Sendable {
    /// As sent: `GET`, `POST`, …
    package let method: String
    /// Percent-decoded, without the query.
    package let path: String
    /// Percent-decoded; if a name occurs twice, its last value.
    package let query: [String: String]
    /// Names in lower case; if a name occurs twice, its last value.
    package let headers: [String: String]
    package let body: [UInt8]

    package init(
        method: String,
        path: String,
        query: [String: String] = [:],
        headers: [String: String] = [:],
        body: [UInt8] = []
    ) {
        (self.method, self.path, self.query, self.headers, self.body) = (method, path, query, headers, body)
    }
}

/// A response to send.
package struct ServerResponse: Sendable {
    package var status: Int
    package var headers: [String: String]
    package var body: [UInt8]
    /// If set, it provides the body, written over time.
    package var stream: ServerStream?

    package init(status: Int = 200, headers: [String: String] = [:], body: [UInt8] = [], stream: ServerStream? = nil) {
        (self.status, self.headers, self.body, self.stream) = (status, headers, body, stream)
    }

    /// No response: the connection is closed.
    package static let hangUp = ServerResponse(status: 0)

    package static func text(_ text: String, status: Int = 200, type: String = "text/plain") -> ServerResponse {
        ServerResponse(status: status, headers: ["Content-Type": type + "; charset=utf-8"], body: Array(text.utf8))
    }

    /// The value as JSON, or 500 if it cannot be encoded.
    package static func json(_ value: some Encodable, status: Int = 200) -> ServerResponse {
        guard let body = try? encodeJSON(value) else { return .text("the response cannot be encoded", status: 500) }
        return ServerResponse(status: status, headers: ["Content-Type": "application/json"], body: body)
    }
}
