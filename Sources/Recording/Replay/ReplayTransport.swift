import Model
import Ports

/// HTTP as it was answered in a recording; nothing goes out.
struct ReplayTransport: HTTPTransport {
    let tape: Cassette
    let clock: VirtualTime

    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        let response = try await answer(request, for: scope)
        let body = response.body.map { tape.recording.bytes(of: $0) } ?? []
        return HTTPResponse(status: response.status, headers: response.headers, body: body)
    }

    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        let response = try await answer(request, for: scope)
        return HTTPStream(
            status: response.status,
            headers: response.headers,
            chunks: chunks(of: response.stream)
        )
    }

    private func answer(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPCall.Response {
        let line = "\(request.method.rawValue) \(HTTPCall.timeless(request.url))"
        let exchange =
            if let body = request.body, !request.isForEngine(scope) {
                tape.answer(.http, line, body: body, for: scope)
            } else {
                tape.answer(.http, line, for: scope, isReading: request.method == .get)
            }
        guard let exchange, case .http(let call) = exchange.call else {
            if tape.isWaiting(within: request.timeLimit) { try? await clock.sleep(for: .seconds(1 << 40)) }
            throw .broken("it is not in the recording")
        }
        do { try await tape.live(exchange) } catch { throw .cancelled }
        switch call.answer {
        case .value(let response): return response
        case .failure(let failure): throw failure.error
        }
    }

    /// What arrived in a stream, at the times when it did.
    private func chunks(of stream: Int?) -> AsyncThrowingStream<[UInt8], any Error> {
        let parts = tape.parts(of: stream)
        let reader = StreamReader(parts: parts, clock: clock)
        return AsyncThrowingStream { try await reader.next() }
    }
}

/// Reads a recorded stream: every part is there when its time has come.
private actor StreamReader {
    private var parts: ArraySlice<StreamPart>
    private let clock: VirtualTime

    init(parts: [StreamPart], clock: VirtualTime) {
        (self.parts, self.clock) = (parts[...], clock)
    }

    /// A recording that ends before the stream did leaves it open and silent.
    func next() async throws -> [UInt8]? {
        guard let part = parts.popFirst() else {
            try await clock.sleep(for: .seconds(1 << 40))
            return nil
        }
        try await clock.sleep(until: .nanoseconds(part.at))
        switch part.content {
        case .line(let text): return Array((text + "\n").utf8)
        case .unreadable: return Array("?\n".utf8)
        case .ended: return nil
        case .failed(let failure): throw failure.error
        }
    }
}
