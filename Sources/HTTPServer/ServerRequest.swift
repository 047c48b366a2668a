public import Model

/// A request, whole: its body has been read.
public struct ServerRequest: Sendable {
    /// As sent: `GET`, `POST`, …
    public let method: String
    /// Percent-decoded, without the query.
    public let path: String
    /// Percent-decoded; of several values of one name the last.
    public let query: [String: String]
    /// Names in lower case; of several values of one name the last.
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
