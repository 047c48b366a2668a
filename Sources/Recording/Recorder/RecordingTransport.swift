public import Model
public import Ports
import Synchronization

/// Speaks HTTP, and records what was asked and answered: no headers of ours, of theirs those that are read, and of the
/// engine's bodies what `EngineReading` lets through.
public struct RecordingTransport: HTTPTransport {
    private let base: any HTTPTransport
    private let recorder: Recorder
    private let engine: EngineReading

    public init(_ base: any HTTPTransport, _ recorder: Recorder, engine: EngineReading) {
        (self.base, self.recorder, self.engine) = (base, recorder, engine)
    }

    public func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        let question = Question(request, scope)
        let start = recorder.start(.http, question.method, question.url, for: scope)
        do throws(TransportError) {
            let response = try await base.send(request, for: scope)
            let size = response.body.count + (question.body?.count ?? 0)
            recorder.end(start, bytes: size) { [engine] scribe in
                let body = question.isForEngine ? engine.body(of: response, to: question.url) : response.body
                let answer = HTTPCall.Response(
                    status: response.status,
                    headers: response.headers.filter { Self.headers.contains($0.key) },
                    body: scribe.payload(body)
                )
                return question.call(.value(answer), &scribe)
            }
            return response
        } catch {
            fail(question, start, error)
            throw error
        }
    }

    public func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        let question = Question(request, scope)
        let start = recorder.start(.http, question.method, question.url, for: scope)
        do throws(TransportError) {
            let stream = try await base.stream(request, for: scope)
            let number = recorder.nextStream()
            recorder.end(start) { scribe in
                let headers = stream.headers.filter { Self.headers.contains($0.key) }
                let answer = HTTPCall.Response(status: stream.status, headers: headers, body: nil, stream: number)
                return question.call(.value(answer), &scribe)
            }
            let chunks = RecordedStream(number: number, recorder: recorder, engine: engine).chunks(of: stream.chunks)
            return HTTPStream(status: stream.status, headers: stream.headers, chunks: chunks)
        } catch {
            fail(question, start, error)
            throw error
        }
    }

    private func fail(_ question: Question, _ start: Recorder.Start?, _ error: TransportError) {
        recorder.end(start) { question.call(.failure(TransportFailure(error)), &$0) }
    }

    /// All that Landfall reads, in lower case.
    private static let headers: Set = ["api-version", "retry-after", "ratelimit", "ratelimit-policy"]
}

/// What was asked, as it is written.
private struct Question: Sendable {
    let method: String
    let url: String
    let isForEngine: Bool
    /// What the engine is sent may hold what others entrusted to it.
    let body: [UInt8]?

    init(_ request: HTTPRequest, _ scope: Scope) {
        method = request.method.rawValue
        url = HTTPCall.timeless(request.url)
        isForEngine = request.isForEngine(scope)
        body = isForEngine ? nil : request.body
    }

    func call(_ answer: Answer<HTTPCall.Response, TransportFailure>, _ scribe: inout RecordingEncoder) -> Call {
        .http(HTTPCall(method: method, url: url, body: body.map { scribe.payload($0) }, answer: answer))
    }
}

extension HTTPRequest {
    /// What goes to the engine is not recorded: it may hold what others entrusted to it, and private keys.
    func isForEngine(_ scope: Scope) -> Bool { scope.isEngine || peer != .network }
}
