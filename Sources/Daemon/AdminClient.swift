import Composition
package import Configuration
package import Model
import Ports
package import Report
package import Status
import Transport

/// Talks to a running daemon over its Unix socket.
package struct AdminClient: Sendable {
    private let path: String
    /// Of a daemon that is a dry run.
    private let dryRunSocket: String
    private let isDryRun: Bool
    private let transport = CurlTransport.landfall()

    package init(_ configuration: Configuration) {
        (path, dryRunSocket) = (configuration.socketPath, configuration.dryRunSocket)
        isDryRun = configuration.isDryRun
    }

    /// Asks the daemon for a run now, with the code of what a person confirms; returns nil if no daemon listens. A dry run
    /// is asked only by a command that is to change nothing either.
    package func once(
        confirming code: String? = nil,
        progress: @escaping ProgressHandler = { _ in }
    ) async throws(UserFacingError) -> Report? {
        let query = code.map { "?confirm=\(percentEncoded($0))" } ?? ""
        let steps = await followSteps(progress)
        defer { steps?.cancel() }
        let sockets = isDryRun ? [path, dryRunSocket] : [path]
        let answer = try await send(.post, "/once\(query)", to: sockets, within: .seconds(3600))
        guard let response = answer else { return nil }
        if response.status == 409 { throw UserFacingError("another `landfall once` is running; wait for it to end") }
        return try decoded(response)
    }

    /// Explains a name from the daemon's knowledge; returns nil if no daemon listens.
    func explain(_ name: DomainName) async throws(UserFacingError) -> Explanation? {
        guard let response = try await send(.get, "/explain?name=\(name)", within: .seconds(300)),
            response.status != 409
        else { return nil }
        return try decoded(response)
    }

    /// Returns if a daemon answers and is healthy.
    package func health() async throws(UserFacingError) {
        guard let response = try await send(.get, "/healthz", within: .seconds(4)) else {
            throw UserFacingError("no daemon listens at \(path)")
        }
        switch response.status {
        case 200: return
        case 503: throw UserFacingError("the daemon is unhealthy: \(sanitized(response.text.trimmed))")
        default: throw UserFacingError("no daemon listens at \(path), only a single run")
        }
    }

    /// Returns the status: at once, or, given the last known revision, when it changes or after some seconds.
    package func status(after revision: Int? = nil) async throws(UserFacingError) -> StatusDocument {
        let query = revision.map { "?after=\($0)" } ?? ""
        guard let response = try await send(.get, "/api/status\(query)", within: .seconds(30)), response.status != 409
        else { throw UserFacingError("no daemon listens at \(path); `landfall run` starts one") }
        return try decoded(response)
    }

    /// - Parameter sockets: are tried one after the other until a daemon answers; nil: all.
    private func send(
        _ method: HTTPRequest.Method,
        _ target: String,
        to sockets: [String]? = nil,
        within limit: Duration,
        bodyLimit: Int = 8 << 20
    ) async throws(UserFacingError) -> HTTPResponse? {
        for socket in sockets ?? [path, dryRunSocket] {
            let request = HTTPRequest(
                method,
                "http://landfall\(target)",
                timeLimit: limit,
                bodyLimit: bodyLimit,
                peer: .unixSocket(path: socket)
            )
            do throws(TransportError) {
                return try await transport.send(request, for: .run)
            } catch {
                if case .unreachable = error { continue }
                throw UserFacingError("the daemon at \(socket): \(error)")
            }
        }
        return nil
    }

    /// Passes on what a running daemon does (`GET /events`), until it is cancelled; nil if no daemon listens.
    private func followSteps(_ progress: @escaping ProgressHandler) async -> Task<Void, Never>? {
        for socket in [path, dryRunSocket] {
            let request = HTTPRequest(.get, "http://landfall/events", peer: .unixSocket(path: socket))
            guard let stream = try? await transport.stream(request, for: .run), stream.status == 200 else { continue }
            return Task {
                var rest: [UInt8] = []
                do {
                    for try await chunk in stream.chunks {
                        rest += chunk
                        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                            let line = rest[..<end]
                            rest = Array(rest[(end + 1)...])
                            guard line.starts(with: "data: {".utf8) else { continue }
                            let step = try? decodeJSON(LiveStep.self, from: Array(line.dropFirst(6)))
                            if let step = step?.progress { progress(step) }
                        }
                    }
                } catch {}
            }
        }
        return nil
    }

    private func decoded<Answer: Decodable>(_ response: HTTPResponse) throws(UserFacingError) -> Answer {
        guard response.status == 200, let answer = try? decodeJSON(Answer.self, from: response.body)
        else {
            throw UserFacingError("the daemon at \(path) answered \(response.status): \(sanitized(response.text))")
        }
        return answer
    }

    /// Starts a recording and returns its ID; returns nil if no daemon listens.
    func beginRecording() async throws(UserFacingError) -> String? {
        try await sendRecording(.post, "")?.text
    }

    /// Returns what was recorded since the last fetch; nil if the daemon stops.
    func fetchRecording(_ id: String) async throws(UserFacingError) -> [UInt8]? {
        let response = try await recording(.get, id)
        return response.status == 410 ? nil : response.body
    }

    /// Ends the recording and returns the rest of it.
    func endRecording(_ id: String) async throws(UserFacingError) -> [UInt8] {
        try await recording(.delete, id).body
    }

    private func recording(_ method: HTTPRequest.Method, _ id: String) async throws(UserFacingError) -> HTTPResponse {
        guard let response = try await sendRecording(method, "?id=\(id)") else {
            throw UserFacingError("no daemon listens at \(path) any more")
        }
        return response
    }

    private func sendRecording(
        _ method: HTTPRequest.Method,
        _ query: String
    ) async throws(UserFacingError) -> HTTPResponse? {
        let response = try await send(method, "/record\(query)", within: .seconds(60), bodyLimit: 64 << 20)
        if let response, ![200, 410].contains(response.status) {
            throw UserFacingError("the daemon at \(path): \(sanitized(response.text.trimmed))")
        }
        return response
    }
}
