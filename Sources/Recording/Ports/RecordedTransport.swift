import Model
package import Ports

/// HTTP, recorded or replayed: of requests the method, URL and body, of answers the headers that Landfall reads and the
/// body. Of the engine's exchanges only what `EngineFilter` lets through is recorded.
struct RecordedTransport: HTTPTransport {
    let calls: PortCalls<any HTTPTransport>
    let engine: EngineFilter

    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        let url = request.url.timeless
        // Bodies of requests to the engine are not recorded: they may hold private keys and other users' data.
        let isForEngine = scope.isEngine || request.peer != .network
        return try await calls.async(
            "\(request.method.rawValue) \(url)",
            for: scope,
            sent: isForEngine ? nil : request.body,
            changes: request.method != .get,
            limit: request.timeLimit,
            standard: request.unrecordedAnswer.map { HTTPResponse(status: 200, body: Array($0.utf8)) },
            failure: TransportError.broken,
            interruption: .cancelled,
            size: \.body.count
        ) { [engine] response in
            HTTPResponse(
                status: response.status,
                headers: response.headers.recordable,
                body: isForEngine ? engine.body(response, url) : response.body
            )
        } _: { transport throws(TransportError) in
            try await transport.send(request, for: scope)
        }
    }

    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        var opened: HTTPStream?
        let head = try await calls.async(
            "\(request.method.rawValue) \(request.url.timeless)",
            for: scope,
            limit: request.timeLimit,
            failure: TransportError.broken,
            interruption: .cancelled
        ) { transport throws(TransportError) in
            let stream = try await transport.stream(request, for: scope)
            opened = stream
            let number = if case .recorded(_, let recorder) = calls.source { recorder.nextStream() } else { 0 }
            return StreamHead(status: stream.status, headers: stream.headers.recordable, stream: number)
        }
        let chunks =
            switch calls.source {
            case .recorded(_, let recorder):
                recorder.chunks(of: opened?.chunks ?? AsyncThrowingStream { nil }, head.stream, engine.events())
            case .replayed(let cassette): cassette.chunks(of: head.stream)
            }
        return HTTPStream(status: head.status, headers: opened?.headers ?? head.headers, chunks: chunks)
    }
}

/// The beginning of a stream, as it is recorded; its parts are lines of their own.
struct StreamHead: Codable, Sendable {
    let status: Int
    let headers: [String: String]
    let stream: Int
}

/// What of the engine's answers and events may be recorded: the fields and labels that Landfall reads.
package struct EngineFilter: Sendable {
    /// Splits chunks of the event stream into events, a line of JSON each, and counts the lines that are not events.
    package typealias EventSplitter = @Sendable (_ chunk: [UInt8]) -> (events: [String], unreadable: Int)

    let body: @Sendable (_ response: HTTPResponse, _ url: String) -> [UInt8]
    /// Makes the splitter for one stream.
    let events: @Sendable () -> EventSplitter

    package init(
        body: @escaping @Sendable (_ response: HTTPResponse, _ url: String) -> [UInt8],
        events: @escaping @Sendable () -> EventSplitter
    ) {
        (self.body, self.events) = (body, events)
    }

    /// Lets nothing through.
    static let nothing = EngineFilter(body: { _, _ in [] }, events: { { _ in ([], 0) } })
}

extension [String: String] {
    /// The headers that Landfall reads.
    fileprivate var recordable: [String: String] {
        filter { ["api-version", "date", "retry-after", "ratelimit", "ratelimit-policy"].contains($0.key) }
    }
}

extension String {
    /// A URL without the time from which the engine's events are requested.
    fileprivate var timeless: String {
        guard let mark = firstIndex(of: "?"), self[..<mark].hasSuffix("/events") else { return self }
        let pairs = self[index(after: mark)...].split(separator: "&").filter { !$0.hasPrefix("since=") }
        return self[...mark] + pairs.joined(separator: "&")
    }
}

extension Recorder {
    /// Passes on the chunks of the engine's events, and records the lines in them.
    fileprivate func chunks(
        of base: AsyncThrowingStream<[UInt8], any Error>,
        _ stream: Int,
        _ split: @escaping EngineFilter.EventSplitter
    ) -> AsyncThrowingStream<[UInt8], any Error> {
        let reader = ChunkReader(base)
        return AsyncThrowingStream { [self] in
            do {
                let chunk = try await reader.next()
                if let chunk {
                    received(in: stream, bytes: chunk.count) {
                        let (events, unreadable) = split(chunk)
                        return events.map { .line(json: $0) }
                            + repeatElement(.unreadable(bytes: chunk.count), count: unreadable)
                    }
                } else if !Task.isCancelled {
                    received(in: stream) { [.ended] }
                }
                return chunk
            } catch {
                if let error = error as? TransportError { received(in: stream) { [.failed(error: error)] } }
                throw error
            }
        }
    }
}

/// Reads a stream for one reader.
private actor ChunkReader {
    private let iterator: AsyncThrowingStream<[UInt8], any Error>.Iterator

    init(_ base: AsyncThrowingStream<[UInt8], any Error>) { iterator = base.makeAsyncIterator() }

    func next() async throws -> [UInt8]? {
        // Copies share what they iterate over.
        var iterator = iterator
        return try await iterator.next(isolation: self)
    }
}

extension Cassette {
    /// What arrived in a stream, at the times at which it did.
    fileprivate func chunks(of stream: Int) -> AsyncThrowingStream<[UInt8], any Error> {
        let reader = PartReader(parts: parts(of: stream), clock: clock)
        return AsyncThrowingStream { try await reader.next() }
    }
}

/// Reads a recorded stream: every part is there when its time has come.
private actor PartReader {
    private var parts: ArraySlice<StreamPart>
    private let clock: VirtualTime

    init(parts: [StreamPart], clock: VirtualTime) { (self.parts, self.clock) = (parts[...], clock) }

    /// If the recording ends before the stream did, the stream stays open and silent.
    func next() async throws -> [UInt8]? {
        guard let part = parts.popFirst() else {
            try await clock.sleepForever()
            return nil
        }
        try await clock.sleep(until: .nanoseconds(part.at))
        switch part.content {
        case .line(let text): return Array((text + "\n").utf8)
        case .unreadable: return Array("?\n".utf8)
        case .ended: return nil
        case .failed(let error): throw error
        }
    }
}
