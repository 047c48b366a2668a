import EventStream
import FoundationEssentials
import Model

/// An event as `JSONDecoder` reads it.
struct ReferenceEvent: Decodable {
    static let hostLabel = "my.label"

    let event: EngineEvent

    private enum CodingKeys: String, CodingKey {
        case type = "Type", action = "Action", actor = "Actor", nanoseconds = "timeNano"
    }

    private struct Actor: Decodable {
        let id: String?
        let attributes: Attributes?

        enum CodingKeys: String, CodingKey { case id = "ID", attributes = "Attributes" }
    }

    private struct Attributes: Decodable {
        let name: String?
        let service: String?
        let host: String?

        enum CodingKeys: String, CodingKey {
            case name, service = "com.docker.swarm.service.name", host = "my.label"
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let actor = try container.decodeIfPresent(Actor.self, forKey: .actor)
        event = EngineEvent(
            type: try container.decode(String.self, forKey: .type),
            action: try container.decode(String.self, forKey: .action),
            id: actor?.id ?? "",
            name: actor?.attributes?.name,
            hasHostLabel: actor?.attributes?.host != nil,
            isOfSwarmTask: actor?.attributes?.service != nil,
            time: Timestamp(nanoseconds: try container.decodeIfPresent(Int64.self, forKey: .nanoseconds) ?? 0)
        )
    }

    /// Nil where `line` is no JSON, or is no event.
    static func read(_ line: [UInt8]) -> EngineEvent? {
        let line = Array(line.drop { $0 == 0x1E })
        guard String(validating: line, as: UTF8.self) != nil,
            (try? JSONDecoder().decode(AnyJSON.self, from: Data(line))) != nil
        else { return nil }
        return (try? JSONDecoder().decode(ReferenceEvent.self, from: Data(line)))?.event
    }
}

extension ReferenceEvent {
    /// Whether the line holds what simdjson refuses and `JSONDecoder` does not: a number beyond 64 bits, a comma with
    /// nothing after it, or something wrong in the second value of a key, which `JSONDecoder` never looks at.
    static func isLenient(on line: [UInt8]) -> Bool {
        let text = String(decoding: line, as: UTF8.self)
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        let keys = zip(parts, parts.dropFirst()).filter { $1.hasPrefix(":") }.map(\.0)
        let longest = text.split { !$0.isNumber }.map(\.count).max() ?? 0
        return longest >= 20 || text.contains(",}") || text.contains(",]") || Set(keys).count < keys.count
    }
}

/// Reads all of a text, for `JSONDecoder` looks at no more of it than it is asked for.
private struct AnyJSON: Decodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            for key in object.allKeys { _ = try object.decode(AnyJSON.self, forKey: key) }
        } else if var array = try? decoder.unkeyedContainer() {
            while !array.isAtEnd { _ = try array.decode(AnyJSON.self) }
        } else {
            let value = try decoder.singleValueContainer()
            if value.decodeNil() || (try? value.decode(Bool.self)) != nil { return }
            if (try? value.decode(Double.self)) == nil { _ = try value.decode(String.self) }
        }
    }
}
