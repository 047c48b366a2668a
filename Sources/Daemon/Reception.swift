import Certificates
import Synchronization

/// Where requests come in – signals, and the control socket –, whichever session is at work.
final class Reception: Sendable {
    private let feed: AsyncStream<RunRequest>.Continuation
    private let current = Mutex<ChallengeDesk?>(nil)

    init(_ feed: AsyncStream<RunRequest>.Continuation) {
        self.feed = feed
    }

    /// Of the session at work.
    var desk: ChallengeDesk? {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// Hands on what signals ask for, and ends the requests with the first that asks for the end.
    func forward(_ signals: AsyncStream<SystemSignal>) async {
        for await signal in signals {
            guard signal == .hangUp else { break }
            feed.yield(.hangUp)
        }
        feed.finish()
    }

    /// Opens the control socket.
    func open(at path: String) throws(StartError) -> ControlServer {
        try ControlServer(path: path) { [self] hook in
            await desk?.serve(hook) ?? .refused("no certbot is at work")
        } once: { [self] in
            await withCheckedContinuation { answer in
                let request = RunRequest.once { answer.resume(returning: $0) }
                if case .terminated = feed.yield(request) { answer.resume(returning: nil) }
            }
        }
    }
}
