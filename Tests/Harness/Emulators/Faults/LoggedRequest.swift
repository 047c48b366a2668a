import HTTPServer
package import Model

/// A request that an emulator heard. Credentials are shown by their form alone.
package struct LoggedRequest: Sendable, Hashable, Codable {
    package enum Authorization: String, Sendable, Codable {
        case none, bearer
        /// `X-Auth-Key` or `X-Gotify-Key`.
        case key
        case other
    }

    /// When it came.
    package let time: Timestamp
    package let method: String
    package let path: String
    package let query: [String: String]
    /// At most its first 64 KiB.
    package let body: String
    package let authorization: Authorization
    /// Those that are part of a message, in lower case.
    package let headers: [String: String]
    /// Nil until it is answered.
    package internal(set) var status: Int?

    package init(
        time: Timestamp,
        method: String,
        path: String,
        query: [String: String] = [:],
        body: String = "",
        authorization: Authorization = .none,
        headers: [String: String] = [:],
        status: Int? = nil
    ) {
        self.time = time
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.authorization = authorization
        self.headers = headers
        self.status = status
    }

    init(_ request: ServerRequest, at time: Timestamp) {
        self.init(
            time: time,
            method: request.method,
            path: request.path,
            query: request.query,
            body: String(decoding: request.body.prefix(64 << 10), as: UTF8.self),
            authorization: Self.form(of: request.headers),
            headers: request.headers.filter { Self.telling.contains($0.key) }
        )
    }

    private static let telling: Set = ["content-type", "title", "priority", "tags", "x-landfall-signature"]

    private static func form(of headers: [String: String]) -> Authorization {
        if headers["x-auth-key"] != nil || headers["x-gotify-key"] != nil { return .key }
        guard let value = headers["authorization"] else { return .none }
        return value.hasPrefix("Bearer ") ? .bearer : .other
    }
}
