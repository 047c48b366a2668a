import FoundationEssentials
import Ports

/// One call through a port and what came back, as a recording is read.
///
/// It is found again by its key: (port, scope, request, occurrence), never by its place among others. When the disk gives
/// the same answer to the same question again, nothing is written: an occurrence without a line has the answer of the one
/// before it.
package struct Exchange: Sendable {
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
    let sent: [UInt8]?
    /// The line that holds the answer. It is decoded when its type is known.
    private(set) var line: [UInt8] = []

    /// The answer, or nil if the line holds one of another type.
    func answer<Value, Failure>(
        _ value: Value.Type,
        _ failure: Failure.Type,
        blobs: any BlobStore
    ) -> Answer<Value, Failure>? {
        let decoder = JSONDecoder()
        decoder.userInfo = .init(blobs: blobs)
        let line = try? decoder.decode([String: AnswerLine<Value, Failure>].self, from: Data(line))
        return line?.values.first?.answer
    }

    func on(line: [UInt8]) -> Exchange {
        var exchange = self
        exchange.line = line
        return exchange
    }
}

extension Exchange: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: ExchangeKey.self)
        at = try container.decode(Nanoseconds.self, forKey: .at)
        took = try container.decode(Nanoseconds.self, forKey: .took)
        port = try container.decode(String.self, forKey: .port)
        scope = try container.decode(String.self, forKey: .scope)
        request = try container.decode(String.self, forKey: .request)
        occurrence = try container.decode(Int.self, forKey: .occurrence)
        sent = try container.decodeIfPresent(Bytes.self, forKey: .sent)?.array
    }
}

private struct AnswerLine<Value: Codable & Sendable, Failure: Codable & Sendable>: Decodable {
    let answer: Answer<Value, Failure>
}

private enum ExchangeKey: String, CodingKey {
    case at, took, port, scope, request, occurrence = "n", sent, answer
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

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ExchangeKey.self)
        try container.encode(at, forKey: .at)
        try container.encode(took, forKey: .took)
        try container.encode(port, forKey: .port)
        try container.encode(scope, forKey: .scope)
        try container.encode(request, forKey: .request)
        try container.encode(occurrence, forKey: .occurrence)
        try container.encodeIfPresent(sent, forKey: .sent)
        try container.encode(answer, forKey: .answer)
    }
}

/// What a port answered, or the error that it threw.
enum Answer<Value: Codable & Sendable, Failure: Codable & Sendable>: Sendable {
    case value(Value)
    case failure(Failure)
    /// In place of an answer that must not be recorded: its size.
    case withheld(bytes: Int)

    init(_ result: Result<Value, Failure>) where Failure: Error {
        switch result {
        case .success(let value): self = .value(value)
        case .failure(let error): self = .failure(error)
        }
    }
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

extension Answer: Equatable where Value: Equatable, Failure: Equatable {}
extension Answer: Hashable where Value: Hashable, Failure: Hashable {}
