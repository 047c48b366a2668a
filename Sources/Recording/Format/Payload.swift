import FoundationEssentials

/// Bytes that went one way or the other: in the line itself, or, where they are many, in a blob that was written before.
public enum Payload: Sendable, Hashable {
    case bytes([UInt8])
    case blob(Int)
}

extension Payload: Codable {
    private enum Key: String, CodingKey { case text, base64, blob }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let number = try container.decodeIfPresent(Int.self, forKey: .blob) {
            self = .blob(number)
        } else if let text = try container.decodeIfPresent(String.self, forKey: .text) {
            self = .bytes(Array(text.utf8))
        } else {
            self = .bytes([UInt8](try container.decode(Data.self, forKey: .base64)))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .blob(let number): try container.encode(number, forKey: .blob)
        case .bytes(let bytes):
            if let text = String(validating: bytes, as: UTF8.self) {
                try container.encode(text, forKey: .text)
            } else {
                try container.encode(Data(bytes), forKey: .base64)
            }
        }
    }
}

/// Bytes that several lines speak of: what was read twice is written once.
public struct Blob: Sendable, Codable {
    public let number: Int
    public let content: Payload

    public init(number: Int, content: Payload) {
        (self.number, self.content) = (number, content)
    }
}
