import Certificates
import FoundationEssentials
import HTTPServer
import Model
import Pipeline
import Report
import Status

/// The daemon's Unix socket, for `landfall once`, `status`, `explain` and `record`, and for the hooks that certbot calls. Only its owner
/// can connect.
struct ControlServer {
    /// `once` is asked for a run, with the code of what a person confirms; without it (a lone `landfall once`) only
    /// hooks are served.
    typealias Once = @Sendable (_ confirming: String?) async -> Report?
    typealias Explain = @Sendable (DomainName) async throws(UserFacingError) -> Explanation
    typealias Record = @Sendable (ServerRequest) async -> ServerResponse
    typealias Hook = @Sendable (HookRequest) async -> HookAnswer

    private let server: HTTPServer

    init(
        path: String,
        status board: StatusHub? = nil,
        hook: @escaping Hook,
        once: Once?,
        explain: Explain? = nil,
        record: Record? = nil
    ) throws(UserFacingError) {
        do throws(HTTPServerError) {
            server = try HTTPServer(listening: .unix(path: path, mode: 0o600), bodyLimit: 64 << 10, limits: Self.limits)
            { request in
                switch (request.method, request.path) {
                case ("POST", "/hook"): await Self.answer(hook: request, by: hook)
                case ("POST", "/once"): await Self.answer(once: once, confirming: request.query["confirm"])
                case ("GET", "/explain"): await Self.answer(explain: explain, about: request.query["name"])
                case ("GET", "/health"): Self.health(of: board)
                case ("GET", "/status"): await Self.status(of: board, after: request.query["after"])
                case (_, "/record"): await record?(request) ?? Self.noDaemon
                default: .text("no such path\n", status: 404)
                }
            }
        } catch {
            throw UserFacingError(error.description)
        }
    }

    func stop() {
        server.stop()
    }

    /// A hook waits for propagation, and `once` for a whole run.
    private static var limits: HTTPServer.Limits {
        var limits = HTTPServer.Limits()
        limits.answer = .seconds(3600)
        return limits
    }

    private static let noDaemon = ServerResponse.text("no daemon is here, only a single run\n", status: 409)

    private static func health(of board: StatusHub?) -> ServerResponse {
        guard let board else { return noDaemon }
        return board.complaint.map { .text("\($0)\n", status: 503) } ?? .text("at work\n")
    }

    /// At once, or as soon as it is another than the client has.
    private static func status(of board: StatusHub?, after revision: String?) async -> ServerResponse {
        guard let board else { return noDaemon }
        return .json(await board.document(after: revision.flatMap { Int($0) }, within: .seconds(10)))
    }

    private static func answer(hook request: ServerRequest, by answer: Hook) async -> ServerResponse {
        guard let question = try? JSONDecoder().decode(HookRequest.self, from: Data(request.body)) else {
            return .text("not a hook's request\n", status: 400)
        }
        return .json(await answer(question))
    }

    private static func answer(once: Once?, confirming code: String?) async -> ServerResponse {
        guard let once else { return noDaemon }
        guard let report = await once(code.map { sanitized($0, limit: 32) }) else {
            return .text("the daemon is stopping\n", status: 503)
        }
        return .json(report)
    }

    private static func answer(explain: Explain?, about text: String?) async -> ServerResponse {
        guard let explain else { return noDaemon }
        guard let text, let name = try? DomainName(text) else { return .text("no name\n", status: 400) }
        do throws(UserFacingError) {
            return .json(try await explain(name))
        } catch {
            return .text("\(error)\n", status: 500)
        }
    }
}
