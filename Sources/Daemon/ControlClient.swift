import FoundationEssentials
import Model
public import Pipeline
public import Transport

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
    /// - Parameter code: of deletions that it may make; letters and digits.
    public func once(confirming code: String? = nil) async throws(StartError) -> Report? {
        let query = code.map { "?confirm=\($0)" } ?? ""
        let request = HTTPRequest(
            .post,
            "http://landfall/once\(query)",
            timeLimit: .seconds(3600),
            peer: .unixSocket(path: path)
        )
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await transport.send(request, for: .run)
        } catch {
            if case .unreachable = error { return nil }
            throw StartError("the daemon at \(path): \(error)")
        }
        if response.status == 409 { throw StartError("another `landfall once` is at work; wait for its end") }
        guard response.status == 200, let report = try? JSONDecoder().decode(Report.self, from: Data(response.body))
        else {
            throw StartError("the daemon at \(path) answered \(response.status): \(oneLine(response.text))")
        }
        return report
    }
}
