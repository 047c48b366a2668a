import FoundationEssentials
import Model
import Pipeline
public import Ports
public import Report
public import Status

/// Asks a running daemon over its socket.
public struct ControlClient: Sendable {
    private let path: String
    private let transport: any HTTPTransport

    public init(stateFolder: String, transport: any HTTPTransport) {
        path = StatePaths(folder: stateFolder).socket
        self.transport = transport
    }

    /// Lets the daemon run once, now; nil when no daemon listens.
    ///
    /// - Parameter code: of what a person confirms; letters, digits and hyphens.
    public func once(confirming code: String? = nil) async throws(UserFacingError) -> Report? {
        let query = code.map { "?confirm=\($0)" } ?? ""
        guard let response = try await send(.post, "once\(query)", within: .seconds(3600)) else { return nil }
        if response.status == 409 { throw UserFacingError("another `landfall once` is at work; wait for its end") }
        return try decoded(response)
    }

    /// What the daemon knows of a name; nil when no daemon listens.
    func explain(_ name: DomainName) async throws(UserFacingError) -> Explanation? {
        guard let response = try await send(.get, "explain?name=\(name)", within: .seconds(300)), response.status != 409
        else { return nil }
        return try decoded(response)
    }

    /// Returns when a daemon answers.
    public func health() async throws(UserFacingError) {
        guard let response = try await send(.get, "health", within: .seconds(4)) else {
            throw UserFacingError("no daemon listens at \(path)")
        }
        switch response.status {
        case 200: return
        case 503: throw UserFacingError("the daemon is ill: \(sanitized(response.text.trimmed))")
        default: throw UserFacingError("no daemon is at \(path), only a single run")
        }
    }

    /// What the daemon knows: at once, or as soon as it is another than that of `revision`, within some seconds.
    public func status(after revision: Int? = nil) async throws(UserFacingError) -> StatusDocument {
        let query = revision.map { "?after=\($0)" } ?? ""
        guard let response = try await send(.get, "status\(query)", within: .seconds(30)), response.status != 409 else {
            throw UserFacingError("no daemon listens at \(path); `landfall run` starts one")
        }
        return try decoded(response)
    }

    /// Nil when nobody listens.
    private func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        within limit: Duration
    ) async throws(UserFacingError) -> HTTPResponse? {
        let request = HTTPRequest(
            method,
            "http://landfall/\(path)",
            timeLimit: limit,
            peer: .unixSocket(path: self.path)
        )
        do throws(TransportError) {
            return try await transport.send(request, for: .run)
        } catch {
            if case .unreachable = error { return nil }
            throw UserFacingError("the daemon at \(self.path): \(error)")
        }
    }

    private func decoded<Answer: Decodable>(_ response: HTTPResponse) throws(UserFacingError) -> Answer {
        guard response.status == 200, let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body))
        else {
            throw UserFacingError("the daemon at \(path) answered \(response.status): \(sanitized(response.text))")
        }
        return answer
    }
}
