import HTTPServer
import Synchronization
import Timing

/// What all emulators do around their own work: keep the log, take their time, and go wrong when told to.
final class Front: Sendable {
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
        let number = log.begin(request, at: clock.now)
        let latency = latency
        if latency > .zero { try? await clock.sleep(for: latency) }
        guard let effect = faults.take(method: request.method, path: request.path, hosts: hosts) else {
            let response = work()
            log.end(number, status: response.status)
            return response
        }
        let response = await apply(effect, work)
        // A request that hangs stays unanswered in the log.
        if effect != .hang { log.end(number, status: response.status) }
        return response
    }

    private func apply(_ effect: Fault.Effect, _ work: () -> ServerResponse) async -> ServerResponse {
        switch effect {
        case .hang:
            try? await clock.sleep(for: .seconds(86_400))
            return ServerResponse(status: 504)
        case .answer(let status, let type, let body, let location):
            var headers = ["Content-Type": type]
            headers["Location"] = location
            return ServerResponse(status: status, headers: headers, body: Array(body.utf8))
        case .error(let status, let code, let message):
            var response = error(status, code, message)
            if status == 429 { response.headers["Retry-After"] = "1" }
            return response
        case .lostAnswer:
            _ = work()
            return .html("<html><body>502 Bad Gateway</body></html>\n", status: 502)
        }
    }
}
