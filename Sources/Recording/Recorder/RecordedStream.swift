import EventStream
import Ports

/// Hands on the chunks of the engine's events, and records the lines in them.
struct RecordedStream: Sendable {
    let number: Int
    let recorder: Recorder
    let engine: EngineReading

    func chunks(of base: AsyncThrowingStream<[UInt8], any Error>) -> AsyncThrowingStream<[UInt8], any Error> {
        let lines = engine.events()
        let reader = ChunkReader(base)
        return AsyncThrowingStream {
            do {
                let chunk = try await reader.next()
                if let chunk { note(chunk, lines) } else if !Task.isCancelled { note(.ended) }
                return chunk
            } catch {
                if let error = error as? TransportError { note(.failed(error: TransportFailure(error))) }
                throw error
            }
        }
    }

    private func note(_ chunk: [UInt8], _ extract: EventExtract) {
        recorder.note(bytes: chunk.count) { [number] at, scribe in
            let (events, unreadable) = extract.lines(in: chunk)
            let contents =
                events.map { StreamPart.Content.line(json: $0) }
                + repeatElement(.unreadable(bytes: chunk.count), count: unreadable)
            for content in contents { scribe.write(.stream(StreamPart(at: at, stream: number, content: content))) }
        }
    }

    private func note(_ content: StreamPart.Content) {
        recorder.note { [number] at, scribe in
            scribe.write(.stream(StreamPart(at: at, stream: number, content: content)))
        }
    }
}

/// Reads a stream for one reader.
private actor ChunkReader {
    private let iterator: AsyncThrowingStream<[UInt8], any Error>.Iterator

    init(_ base: AsyncThrowingStream<[UInt8], any Error>) {
        iterator = base.makeAsyncIterator()
    }

    func next() async throws -> [UInt8]? {
        // Copies share what they iterate over.
        var iterator = iterator
        return try await iterator.next(isolation: self)
    }
}
