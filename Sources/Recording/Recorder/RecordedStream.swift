import EventStream
import Synchronization
import Transport

/// Hands on the chunks of the engine's events, and records the lines in them.
struct RecordedStream: Sendable {
    let number: Int
    let recorder: Recorder
    let engine: EngineReading

    func chunks(of base: AsyncThrowingStream<[UInt8], any Error>) -> AsyncThrowingStream<[UInt8], any Error> {
        let lines = EventLines(engine)
        var iterator = base.makeAsyncIterator()
        return AsyncThrowingStream {
            do {
                guard let chunk = try await iterator.next() else {
                    if !Task.isCancelled { note([.ended]) }
                    return nil
                }
                recorder.note(bytes: chunk.count) { at, scribe in
                    for content in lines.contents(of: chunk) {
                        scribe.write(.stream(StreamPart(at: at, stream: number, content: content)))
                    }
                }
                return chunk
            } catch {
                throw error
            }
        }
    }
}
