package import Model
package import Ports
import Synchronization

/// The engine's API, one extension per endpoint. Every call is bounded in time: without a quorum `/services` hangs.
package final class EngineClient: Sendable {
    private let transport: any HTTPTransport
    private let endpoint: EngineEndpoint
    private let scope: Scope
    private let version = Mutex<APIVersion?>(nil)
    /// Bytes.
    private static let longestAnswer = 16 << 20

    package init(_ endpoint: EngineEndpoint, transport: any HTTPTransport, scope: Scope = .engine) {
        (self.endpoint, self.transport, self.scope) = (endpoint, transport, scope)
    }

    /// Asks whether the engine answers and which versions it supports. Repeat it after a reconnection and at the beginning of a
    /// run: the engine may have been replaced.
    @discardableResult
    package func negotiate(timeLimit: Duration = .seconds(5)) async throws(EngineError) -> APIVersion {
        let request = HTTPRequest(
            .get,
            endpoint.base + "/_ping",
            timeLimit: timeLimit,
            peer: endpoint.peer,
            isDirect: true
        )
        let response = try await exchange(request)
        guard let text = response.headers["api-version"], let offered = APIVersion(text) else {
            throw .undecodable("no Api-Version in the answer to /_ping")
        }
        guard offered >= .oldest else { throw .tooOld(version: text) }
        let agreed = min(offered, .newest)
        version.withLock { $0 = agreed }
        return agreed
    }

    func get<Value: EngineAnswer>(
        _ path: String,
        query: [(String, String)] = [],
        bodyLimit: Int = EngineClient.longestAnswer,
        unrecordedAnswer: String? = nil
    ) async throws(EngineError) -> Value {
        var request = try await request(.get, path, query)
        (request.bodyLimit, request.unrecordedAnswer) = (bodyLimit, unrecordedAnswer)
        return try Self.decoded(try await exchange(request))
    }

    /// Changes something and ignores the body of the answer, which a container may write.
    func act(
        _ method: HTTPRequest.Method,
        _ path: String,
        query: [(String, String)] = [],
        body: JSONValue? = nil
    ) async throws(EngineError) {
        var request = try await request(method, path, query, body)
        (request.bodyLimit, request.cutsBody) = (4 << 10, true)
        _ = try await exchange(request)
    }

    /// As `act`, with a body that need not be JSON.
    func act(
        _ method: HTTPRequest.Method,
        _ path: String,
        query: [(String, String)],
        text: String?
    ) async throws(EngineError) {
        var request = try await request(method, path, query, text == nil ? nil : [:])
        (request.bodyLimit, request.cutsBody) = (4 << 10, true)
        request.body = text.map { Array($0.utf8) }
        _ = try await exchange(request)
    }

    func post<Value: EngineAnswer>(
        _ path: String,
        headers: [HTTPHeader] = [],
        body: JSONValue
    ) async throws(EngineError) -> Value {
        var request = try await request(.post, path, [], body)
        request.headers += headers
        return try Self.decoded(try await exchange(request))
    }

    /// The bytes of an answer, as far as it is no longer than `limit`; nil: all of it.
    func bytes(
        _ path: String,
        query: [(String, String)],
        timeLimit: Duration = .seconds(10),
        cutAfter limit: Int? = nil
    ) async throws(EngineError) -> [UInt8] {
        var request = try await request(.get, path, query)
        request.timeLimit = timeLimit
        if let limit { (request.bodyLimit, request.cutsBody) = (limit, true) }
        return try await exchange(request).body
    }

    private static func decoded<Value: EngineAnswer>(_ response: HTTPResponse) throws(EngineError) -> Value {
        do {
            return try decodeJSON(Value.self, from: response.body).changingLabels(LabelLimits.shortened)
        } catch {
            throw .undecodable(Excerpt(of: response).text)
        }
    }

    func stream(_ path: String, query: [(String, String)]) async throws(EngineError) -> HTTPStream {
        let request = try await request(.get, path, query)
        let stream: HTTPStream
        do {
            stream = try await transport.stream(request, for: scope)
        } catch {
            throw .transport(error, endpoint: endpoint.description)
        }
        guard stream.status == 200 else {
            throw EngineError(request, status: stream.status, message: "refused the event stream")
        }
        return stream
    }

    private func request(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ query: [(String, String)],
        _ body: JSONValue? = nil
    ) async throws(EngineError) -> HTTPRequest {
        let known = version.withLock { $0 }
        let agreed = if let known { known } else { try await negotiate() }
        let pairs = query.map { "\($0)=\(percentEncoded($1))" }.joined(separator: "&")
        let url = "\(endpoint.base)/v\(agreed)\(path)\(pairs.isEmpty ? "" : "?" + pairs)"
        return HTTPRequest(
            method,
            url,
            headers: body == nil ? [] : [HTTPHeader("Content-Type", "application/json")],
            body: body.map(\.bytes),
            timeLimit: .seconds(10),
            bodyLimit: Self.longestAnswer,
            peer: endpoint.peer,
            isDirect: true
        )
    }

    private func exchange(_ request: HTTPRequest) async throws(EngineError) -> HTTPResponse {
        let response: HTTPResponse
        do {
            response = try await transport.send(request, for: scope)
        } catch {
            throw .transport(error, endpoint: endpoint.description)
        }
        guard (200..<300).contains(response.status) else {
            throw EngineError(request, status: response.status, message: Self.message(of: response))
        }
        return response
    }

    private static func message(of response: HTTPResponse) -> String {
        let body = try? decodeJSON(EngineErrorBody.self, from: response.body)
        return body.map { sanitized($0.message, limit: 200) } ?? Excerpt(of: response).text
    }
}

/// A version of the engine's API. Engines serve a range; 20.10 ends at 1.41 and 29.0 begins at 1.44, so it is negotiated.
package struct APIVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int

    static let oldest = APIVersion(major: 1, minor: 41)
    /// The newest whose shapes this program was written against.
    static let newest = APIVersion(major: 1, minor: 51)

    package static func < (left: APIVersion, right: APIVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    package var description: String { "\(major).\(minor)" }
}

extension APIVersion {
    init?(_ text: String) {
        let parts = text.split(separator: ".").map { Int($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        self.init(major: major, minor: minor)
    }
}

extension EngineClient {
    /// Opens the engine's event stream: one JSON object per line, chunked anywhere, silent while nothing happens.
    package func events(_ kinds: EventFilter, since: Timestamp) async throws(EngineError) -> HTTPStream {
        let fraction = String(since.nanoseconds % 1_000_000_000 + 1_000_000_000).dropFirst()
        let query = [("since", "\(since.seconds).\(fraction)"), ("filters", kinds.rawValue)]
        return try await stream("/events", query: query)
    }
}

/// What the engine is asked to send; values of one key are alternatives. No filter by label: it would drop every service
/// event, whose attributes hold no labels. No filter by action: Podman has other words for them.
package enum EventFilter: String, Sendable {
    case all = #"{"type":["service","container"]}"#
    case containers = #"{"type":["container"]}"#
}
