public import HTTPServer
public import Timing

/// Takes whatever is posted to it; what came is in its log.
public final class WebhookEmulator: Emulator {
    private let front: Front

    public init(clock: any Clock = SystemClock()) {
        front = Front(clock: clock) { status, _, message in .text(message, status: status) }
    }

    public var name: EmulatorName { .webhook }
    public var handler: HTTPServer.Handler { { request in await self.answer(request) } }
    public var log: RequestLog { front.log }
    public var faults: Faults { front.faults }

    /// The bodies of what was taken, in the order it came.
    public var bodies: [String] { log.requests.filter { $0.status == 200 }.map(\.body) }

    private func answer(_ request: ServerRequest) async -> ServerResponse {
        await front.serve(request) {
            request.method == "POST" ? .text("ok") : .text("method not allowed", status: 405)
        }
    }
}
