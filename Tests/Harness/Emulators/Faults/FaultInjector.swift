import HTTPServer
import Ports
import Synchronization

/// What all emulators do around their own work: keep the log, delay answers, and fail on request.
final class FaultInjector: Sendable {
    let log = RequestLog()
    let faults = Faults()
    let clock: any Clock
    private let delay = Mutex<Duration>(.zero)
    /// Says an error in the service's own words.
    private let error: @Sendable (_ status: Int, _ code: Int, _ message: String) -> ServerResponse

    init(
        clock: any Clock,
        error: @escaping @Sendable (_ status: Int, _ code: Int, _ message: String) -> ServerResponse
    ) {
        (self.clock, self.error) = (clock, error)
    }

    /// Added to every answer.
    var latency: Duration {
        get { delay.withLock { $0 } }
        set { delay.withLock { $0 = newValue } }
    }

    func serve(
        _ request: ServerRequest,
        about hosts: Set<String> = [],
        _ work: () -> ServerResponse
    ) async -> ServerResponse {
        await serve(request, about: hosts) { _ in work() }
    }

    /// - Parameter work: gets what is to be wrong with a page of a list.
    func serve(
        _ request: ServerRequest,
        about hosts: Set<String> = [],
        _ work: (PageFault?) -> ServerResponse
    ) async -> ServerResponse {
        let number = log.begin(request, at: clock.now)
        let latency = latency
        if latency > .zero { try? await clock.sleep(for: latency) }
        guard let effect = faults.take(method: request.method, path: request.path, hosts: hosts) else {
            let response = work(nil)
            log.end(number, status: response.status)
            return response
        }
        let response = await apply(effect, work)
        // What gets no answer stays unanswered in the log.
        if effect != .hang, effect != .reset { log.end(number, status: response.status) }
        return response
    }

    private func apply(_ effect: Fault.Effect, _ work: (PageFault?) -> ServerResponse) async -> ServerResponse {
        switch effect {
        case .hang:
            try? await clock.sleep(for: .seconds(86_400))
            return ServerResponse(status: 504)
        case .answer(let status, let type, let body, let location):
            var headers = ["Content-Type": type]
            headers["Location"] = location
            return ServerResponse(status: status, headers: headers, body: Array(body.utf8))
        case .error(let status, let code, let message, let retryAfter):
            var response = error(status, code, message)
            response.headers["Retry-After"] = (retryAfter ?? (status == 429 ? 1 : nil)).map { String($0) }
            return response
        case .lostAnswer:
            _ = work(nil)
            return .text("<html><body>502 Bad Gateway</body></html>\n", status: 502, type: "text/html")
        case .truncated:
            var response = work(nil)
            response.body.removeLast((response.body.count + 1) / 2)
            return response
        case .reset: return .hangUp
        case .slow(let delay):
            try? await clock.sleep(for: delay)
            return work(nil)
        case .page(let fault): return work(fault)
        }
    }
}
