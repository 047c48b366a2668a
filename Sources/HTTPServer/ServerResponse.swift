import FoundationEssentials

public struct ServerResponse: Sendable {
    public var status: Int
    public var headers: [String: String]
    public var body: [UInt8]
    /// Where it is set, the body is what comes through it.
    public var stream: ServerStream?

    public init(status: Int = 200, headers: [String: String] = [:], body: [UInt8] = []) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    /// No answer: the connection is closed.
    public static let hangUp = ServerResponse(status: 0)

    /// A body that comes over time.
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

    /// The value as JSON; a value that cannot be encoded is a 500.
    public static func json(_ value: some Encodable, status: Int = 200) -> ServerResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return .text("the answer cannot be encoded", status: 500) }
        return ServerResponse(status: status, headers: ["Content-Type": "application/json"], body: Array(data))
    }
}
