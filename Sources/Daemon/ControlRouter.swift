import Certificates
import HTTPServer
import Model
import Recording
import Synchronization

/// Hands requests from signals, commands and certbot's hooks to the running session.
final class ControlRouter: Sendable {
    /// The parts of the running session that requests are for.
    struct Current {
        let solver: DNS01Solver
        let recorder: Recorder?
    }

    /// Enough for every confirmation there is; the longest holds a host name.
    private static let confirmationLimit = 300

    private let feed: AsyncStream<RunRequest>.Continuation
    private let session = Mutex<Current?>(nil)

    init(_ feed: AsyncStream<RunRequest>.Continuation) { self.feed = feed }

    var current: Current? {
        get { session.withLock { $0 } }
        set { session.withLock { $0 = newValue } }
    }

    /// Passes on SIGHUP, and ends the stream of requests at the first signal to stop.
    func forward(_ signals: AsyncStream<SystemSignal>) async {
        for await signal in signals {
            guard signal == .hangUp else { break }
            feed.yield(.hangUp)
        }
        current?.recorder?.arrived(.end)
        feed.finish()
    }

    /// The routes for `landfall once` and `landfall explain`, and for certbot's hooks.
    func routes(explainingBy run: SingleRun) -> [Route] {
        [
            .hook { [self] in await answer($0) },
            Route("POST", "/once", access: .owner) { [self] request in await once(request.query["confirm"]) },
            Route("GET", "/explain", access: .owner) { await Self.explain($0.query["name"], run) },
        ]
    }

    private func answer(_ hook: HookRequest) async -> HookAnswer {
        guard let current else { return .rejected("no certbot is running") }
        if let recorder = current.recorder, let lineage = await current.solver.lineage(of: hook.token) {
            recorder.arrived(.hook(hook, of: lineage))
        }
        return await current.solver.handle(hook)
    }

    private func once(_ code: String?) async -> ServerResponse {
        let report = await withCheckedContinuation { answer in
            let request = RunRequest.once(confirming: code.map { sanitized($0, limit: Self.confirmationLimit) }) {
                answer.resume(returning: $0)
            }
            if case .terminated = feed.yield(request) { answer.resume(returning: nil) }
        }
        return report.map { .json($0) } ?? .text("the daemon is stopping\n", status: 503)
    }

    private static func explain(_ text: String?, _ run: SingleRun) async -> ServerResponse {
        guard let text, let name = try? DomainName(served: text) else { return .text("not a name\n", status: 400) }
        do throws(UserFacingError) {
            return .json(try await run.explainHere(name))
        } catch {
            return .text("\(error)\n", status: 500)
        }
    }
}

extension Route {
    /// The route that certbot's hooks call.
    static func hook(_ answer: @escaping @Sendable (HookRequest) async -> HookAnswer) -> Route {
        Route("POST", "/hook", access: .owner) { request in
            guard let hook = try? decodeJSON(HookRequest.self, from: request.body) else {
                return .text("not a hook's request\n", status: 400)
            }
            return .json(await answer(hook))
        }
    }
}
