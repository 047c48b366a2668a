public import Discovery
import Docker
import EventStream
import FoundationEssentials
import Model
import Synchronization
import Transport

/// What of the engine's answers and events may be recorded: the fields and the labels that Landfall reads.
public struct EngineReading: Sendable {
    private let rules: DiscoveryRules

    public init(_ rules: DiscoveryRules) {
        self.rules = rules
    }

    func body(of response: HTTPResponse, to url: String) -> [UInt8] {
        EngineExtract.body(of: response, to: url, isRead: rules.isRead)
    }

    func line(of event: EngineEvent) -> String? {
        let attributes = event.attributes.filter { $0.key == "name" || rules.isRead($0.key) }
        let extract = EventExtract(
            type: event.type,
            action: event.action,
            actor: .init(id: event.id, attributes: attributes),
            nanoseconds: event.time.nanoseconds
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(extract)).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// An event in the engine's own form.
private struct EventExtract: Encodable {
    struct Actor: Encodable {
        let id: String
        let attributes: [String: String]

        enum CodingKeys: String, CodingKey { case id = "ID", attributes = "Attributes" }
    }

    let type: String
    let action: String
    let actor: Actor
    let nanoseconds: Int64

    enum CodingKeys: String, CodingKey {
        case type = "Type", action = "Action", actor = "Actor", nanoseconds = "timeNano"
    }
}

/// The lines of one event stream, as a recording has them.
final class EventLines: Sendable {
    private let engine: EngineReading
    private let decoder = Mutex(EventDecoder())

    init(_ engine: EngineReading) {
        self.engine = engine
    }

    /// What `chunk` completes.
    func contents(of chunk: [UInt8]) -> [StreamPart.Content] {
        decoder.withLock { decoder in
            let before = decoder.unreadable
            let events = decoder.events(in: chunk).compactMap(engine.line)
            let unreadable = repeatElement(StreamPart.Content.unreadable(bytes: chunk.count), count: decoder.unreadable - before)
            return events.map { .line($0) } + unreadable
        }
    }
}
