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
        // Besides white space, the separator of a JSON text sequence (RFC 7464).
        let blanks: [UInt8] = [0x20, 0x09, 0x0D, 0x1E]
        let start = line.drop { blanks.contains($0) }
        let line = Array(start.reversed().drop { blanks.contains($0) }.reversed())
        guard String(validating: line, as: UTF8.self) != nil,
            (try? JSONDecoder().decode(AnyJSON.self, from: Data(line))) != nil
        else { return nil }
        return (try? JSONDecoder().decode(ReferenceEvent.self, from: Data(line)))?.event
    }
}

extension ReferenceEvent {
    /// Whether the line holds what simdjson and `JSONDecoder` take differently: a number that is no integer of 64 bits, a comma
    /// with nothing after it, a key twice, a byte order mark, combining marks in excess, or more than 500 lists in each other.
    static func mayDiffer(on line: [UInt8]) -> Bool {
        let text = String(decoding: line, as: UTF8.self)
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        let keys = zip(parts, parts.dropFirst()).filter { $1.hasPrefix(":") }.map(\.0)
        let numbers = parts.enumerated().filter { $0.offset % 2 == 0 }.flatMap {
            $1.split { !"+-.eE0123456789".contains($0) }
        }
        return numbers.contains { Int64($0) == nil } || text.contains(",}") || text.contains(",]")
            || Set(keys).count < keys.count
            || text.utf8.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") } > 500
            || String(outside: text).utf8.count != text.utf8.count || text.contains("\\u0")
            || text.unicodeScalars.contains("\u{FEFF}")
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
