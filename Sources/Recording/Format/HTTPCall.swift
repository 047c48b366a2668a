import Model
public import Ports

public struct HTTPCall: Sendable, Codable {
    public struct Response: Sendable, Codable {
        public let status: Int
        /// Only those that Landfall reads.
        public let headers: [String: String]
        /// Of the engine's bodies only the fields that Landfall reads; nil where a stream was opened.
        public let body: Payload?
        /// The number of the stream whose parts follow.
        public let stream: Int?

        public init(status: Int, headers: [String: String], body: Payload?, stream: Int? = nil) {
            (self.status, self.headers, self.body, self.stream) = (status, headers, body, stream)
        }
    }

    public let method: String
    /// Without what is a moment's: the `since` of the engine's events.
    public let url: String
    public let body: Payload?
    public let answer: Answer<Response, TransportFailure>

    public init(method: String, url: String, body: Payload?, answer: Answer<Response, TransportFailure>) {
        (self.method, self.url, self.body, self.answer) = (method, url, body, answer)
    }

    var request: String { "\(method) \(url)" }
}

/// `TransportError` as data.
public struct TransportFailure: Sendable, Codable {
    public enum Kind: String, Sendable, Codable { case timedOut, unreachable, tooLarge, broken, cancelled }

    public let kind: Kind
    public let text: String?
    /// Nanoseconds or bytes.
    public let limit: Int64?
    public let socket: SocketTrouble?

    private init(kind: Kind, text: String? = nil, limit: Int64? = nil, socket: SocketTrouble? = nil) {
        (self.kind, self.text, self.limit, self.socket) = (kind, text, limit, socket)
    }

    public init(_ error: TransportError) {
        self =
            switch error {
            case .timedOut(let limit): Self(kind: .timedOut, limit: limit.nanoseconds)
            case .unreachable(let reason, let socket): Self(kind: .unreachable, text: reason, socket: socket)
            case .tooLarge(let limit): Self(kind: .tooLarge, limit: Int64(limit))
            case .broken(let reason): Self(kind: .broken, text: reason)
            case .cancelled: Self(kind: .cancelled)
            }
    }

    public var error: TransportError {
        switch kind {
        case .timedOut: .timedOut(after: .nanoseconds(limit ?? 0))
        case .unreachable: .unreachable(text ?? "", socket: socket)
        case .tooLarge: .tooLarge(limit: Int(limit ?? 0))
        case .broken: .broken(text ?? "")
        case .cancelled: .cancelled
        }
    }
}

extension HTTPCall {
    /// A URL without what is a moment's: from when on the engine's events are asked for.
    public static func timeless(_ url: String) -> String {
        guard let mark = url.firstIndex(of: "?"), url[..<mark].hasSuffix("/events") else { return url }
        let pairs = url[url.index(after: mark)...].split(separator: "&").filter { !$0.hasPrefix("since=") }
        return url[...mark] + pairs.joined(separator: "&")
    }

    /// A body without what is a moment's: when a notice was known.
    public static func timeless(_ body: [UInt8]) -> [UInt8] {
        let text = String(decoding: body, as: UTF8.self)
        guard let start = text.firstRange(of: #""time":""#)?.upperBound,
            let end = text[start...].firstIndex(of: "\"")
        else { return body }
        return Array((text[..<start] + text[end...]).utf8)
    }
}
