import Glibc
import Model
import Ports
import Recording

/// Records a running daemon, over its socket, until it is told to stop.
struct RecordingClient {
    private let path: String
    private let transport: any HTTPTransport

    init(stateFolder: String, transport: any HTTPTransport) {
        path = StatePaths(folder: stateFolder).socket
        self.transport = transport
    }

    /// Asks for a recording and returns its number; nil when no daemon listens.
    func begin() async throws(UserFacingError) -> String? {
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await transport.send(request(.post, "/record"), for: .run)
        } catch {
            if case .unreachable = error { return nil }
            throw unanswered("\(error)")
        }
        guard response.status == 200 else { throw unanswered(sanitized(response.text.trimmed)) }
        return response.text
    }

    /// What came since the last time; nil when the daemon stops.
    func fetch(_ id: String) async throws(UserFacingError) -> [UInt8]? {
        let response = try await answer(request(.get, "/record?id=\(id)"))
        return response.status == 410 ? nil : response.body
    }

    /// Ends the recording and returns the rest of it.
    func end(_ id: String) async throws(UserFacingError) -> [UInt8] {
        try await answer(request(.delete, "/record?id=\(id)")).body
    }

    private func answer(_ request: HTTPRequest) async throws(UserFacingError) -> HTTPResponse {
        do throws(TransportError) {
            let response = try await transport.send(request, for: .run)
            if [200, 410].contains(response.status) { return response }
            throw TransportError.broken(sanitized(response.text.trimmed))
        } catch {
            throw unanswered("\(error)")
        }
    }

    private func unanswered(_ reason: String) -> UserFacingError {
        UserFacingError("the daemon at \(path): \(reason)")
    }

    private func request(_ method: HTTPRequest.Method, _ target: String) -> HTTPRequest {
        HTTPRequest(
            method,
            "http://landfall\(target)",
            timeLimit: .seconds(60),
            bodyLimit: 64 << 20,
            peer: .unixSocket(path: path)
        )
    }
}
