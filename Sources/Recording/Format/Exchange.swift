import Model
import Ports
import Synchronization

/// One call through a port and its answer, as read from a recording. Its key is (port, scope, request, occurrence). An
/// answer of the disk is written only if it changed: an occurrence without a line has the answer of the one before it.
package struct Exchange: Sendable, Decodable {
    package let at: Nanoseconds
    package let took: Nanoseconds
    /// The name of the port, as in `PortCalls.port`.
    package let port: String
    /// `Scope.description`.
    package let scope: String
    /// What was asked: the same text for the same question, and without secrets.
    package let request: String
    /// 1 for the first with the same port, scope and request.
    package let occurrence: Int
    /// What was sent along.
    let sent: Bytes?
    /// The line that holds the answer. It is decoded when its type is known.
    var line: [UInt8] = []
    private let decoded = DecodedAnswer()

    private enum CodingKeys: String, CodingKey {
        case at, took, port, scope, request, occurrence = "n", sent
    }

    /// The answer, or nil if the line holds one of another type.
    func answer<Value, Failure>(
        _ value: Value.Type,
        _ failure: Failure.Type,
        blobs: any BlobStore
    ) -> Answer<Value, Failure>? {
        decoded.value {
            let type = [String: AnswerLine<Value, Failure>].self
            let line = try? decodeJSON(type, from: line, userInfo: .init(blobs: blobs))
            return line?.values.first?.answer
        }
    }
}

/// The answer of an exchange once it is decoded: an answer of the disk is given many times.
private final class DecodedAnswer: Sendable {
    private let stored = Mutex<(any Sendable)?>(nil)

    func value<Value: Sendable>(else decode: () -> Value?) -> Value? {
        if let value = stored.withLock({ $0 }) as? Value { return value }
        let value = decode()
        stored.withLock { $0 = value }
        return value
    }
}

private struct AnswerLine<Value: Codable & Sendable, Failure: Codable & Sendable>: Decodable {
    let answer: Answer<Value, Failure>
}

/// An exchange as it is written.
struct WrittenExchange<Value: Codable & Sendable, Failure: Codable & Sendable>: Encodable {
    let at: Nanoseconds
    let took: Nanoseconds
    let port: String
    let scope: String
    let request: String
    let occurrence: Int
    let sent: Bytes?
    let answer: Answer<Value, Failure>

    private enum CodingKeys: String, CodingKey {
        case at, took, port, scope, request, occurrence = "n", sent, answer
    }
}

/// What a port answered, or the error that it threw.
enum Answer<Value: Codable & Sendable, Failure: Codable & Sendable>: Sendable {
    case value(Value)
    case failure(Failure)
    /// In place of an answer that must not be recorded: its size.
    case withheld(bytes: Int)
}

extension Answer: Codable {
    private enum CodingKeys: CodingKey { case value, failure, withheld }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if container.contains(.value) {
            self = .value(try container.decode(Value.self, forKey: .value))
        } else if let bytes = try container.decodeIfPresent(Int.self, forKey: .withheld) {
            self = .withheld(bytes: bytes)
        } else {
            self = .failure(try container.decode(Failure.self, forKey: .failure))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .value(let value): try container.encode(value, forKey: .value)
        case .failure(let failure): try container.encode(failure, forKey: .failure)
        case .withheld(let bytes): try container.encode(bytes, forKey: .withheld)
        }
    }
}

extension Answer: Equatable, Hashable where Value: Hashable, Failure: Hashable {}
