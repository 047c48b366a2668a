import Certificates
import Pipeline
import Recording
import Status
import Synchronization

/// Where requests come in – signals, and the control socket –, whichever session is at work.
final class ControlRouter: Sendable {
    /// Of the session at work.
    struct Current {
        let desk: DNS01Solver
        let recorder: Recorder?
    }

    private let feed: AsyncStream<RunRequest>.Continuation
    private let session = Mutex<Current?>(nil)

    init(_ feed: AsyncStream<RunRequest>.Continuation) {
        self.feed = feed
    }

    var current: Current? {
        get { session.withLock { $0 } }
        set { session.withLock { $0 = newValue } }
    }

    /// Hands on what signals ask for, and ends the requests with the first that asks for the end.
    func forward(_ signals: AsyncStream<SystemSignal>) async {
        for await signal in signals {
            guard signal == .hangUp else { break }
            feed.yield(.hangUp)
        }
        current?.recorder?.toldToEnd()
        feed.finish()
    }

    private func answer(_ hook: HookRequest) async -> HookAnswer {
        guard let (desk, recorder) = current.map({ ($0.desk, $0.recorder) }) else {
            return .refused("no certbot is at work")
        }
        if let recorder, let lineage = await desk.lineage(of: hook.token) { recorder.called(hook, of: lineage) }
        return await desk.serve(hook)
    }

    /// Opens the control socket.
    func open(
        at path: String,
        recording desk: RecordingRoutes,
        explaining question: NameQuestion,
        showing board: StatusHub
    ) throws(UserFacingError) -> ControlServer {
        try ControlServer(path: path, status: board) { [self] hook in
            await answer(hook)
        } once: { [self] code in
            await withCheckedContinuation { answer in
                let request = RunRequest.once(confirming: code) { answer.resume(returning: $0) }
                if case .terminated = feed.yield(request) { answer.resume(returning: nil) }
            }
        } explain: { (name) async throws(UserFacingError) -> Explanation in
            try await question.answer(name)
        } record: { request in
            await desk.answer(request)
        }
    }
}
