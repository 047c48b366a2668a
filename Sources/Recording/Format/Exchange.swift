import Model

/// One call through a port and what came back.
///
/// It is found again by its key: (port, scope, request, occurrence), never by its place among others. Where the same
/// question got the same answer as before from the disk, nothing is written: an occurrence without a line is answered
/// like the one before it.
public struct Exchange: Sendable, Codable {
    public let at: Nanoseconds
    public let took: Nanoseconds
    /// `Scope.description`.
    public let scope: String
    /// 1 for the first with the same scope and request.
    public let occurrence: Int
    public let call: Call

    public init(at: Nanoseconds, took: Nanoseconds, scope: String, occurrence: Int, call: Call) {
        self.at = at
        self.took = took
        self.scope = scope
        self.occurrence = occurrence
        self.call = call
    }

    private enum CodingKeys: String, CodingKey {
        case at, took, scope, occurrence = "n", call
    }
}

public enum Call: Sendable {
    case http(HTTPCall)
    case process(ProcessCall)
    case dns(DNSCall)
    case update(UpdateCall)
    case file(FileCall)
    case lock(LockCall)
    case key(KeyCall)
    case interface(InterfaceCall)
    case probe(ProbeCall)
    /// A draw of 0 ..< 1.
    case chance(Double)

    /// What was asked, in a form that is the same for the same question.
    public var request: String {
        switch self {
        case .http(let call): call.request
        case .process(let call): call.request
        case .dns(let call): call.request
        case .update(let call): call.request
        case .file(let call): call.request
        case .lock(let call): call.request
        case .key(let call): call.request
        case .interface(let call): call.request
        case .probe(let call): call.request
        case .chance: ""
        }
    }
}

extension Call: Codable {
    private enum Key: String, CodingKey { case http, process, dns, update, file, lock, key, interface, probe, chance }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        guard let key = container.allKeys.first else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no call"))
        }
        self =
            switch key {
            case .http: .http(try container.decode(HTTPCall.self, forKey: key))
            case .process: .process(try container.decode(ProcessCall.self, forKey: key))
            case .dns: .dns(try container.decode(DNSCall.self, forKey: key))
            case .update: .update(try container.decode(UpdateCall.self, forKey: key))
            case .file: .file(try container.decode(FileCall.self, forKey: key))
            case .lock: .lock(try container.decode(LockCall.self, forKey: key))
            case .key: .key(try container.decode(KeyCall.self, forKey: key))
            case .interface: .interface(try container.decode(InterfaceCall.self, forKey: key))
            case .probe: .probe(try container.decode(ProbeCall.self, forKey: key))
            case .chance: .chance(try container.decode(Double.self, forKey: key))
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .http(let call): try container.encode(call, forKey: .http)
        case .process(let call): try container.encode(call, forKey: .process)
        case .dns(let call): try container.encode(call, forKey: .dns)
        case .update(let call): try container.encode(call, forKey: .update)
        case .file(let call): try container.encode(call, forKey: .file)
        case .lock(let call): try container.encode(call, forKey: .lock)
        case .key(let call): try container.encode(call, forKey: .key)
        case .interface(let call): try container.encode(call, forKey: .interface)
        case .probe(let call): try container.encode(call, forKey: .probe)
        case .chance(let draw): try container.encode(draw, forKey: .chance)
        }
    }
}

/// An answer, or the error in its place.
public enum Answer<Value: Sendable & Codable, Failure: Sendable & Codable>: Sendable, Codable {
    case value(Value)
    case failure(Failure)

    private enum Key: String, CodingKey { case value, failure }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let value = try container.decodeIfPresent(Value.self, forKey: .value) {
            self = .value(value)
        } else {
            self = .failure(try container.decode(Failure.self, forKey: .failure))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .value(let value): try container.encode(value, forKey: .value)
        case .failure(let failure): try container.encode(failure, forKey: .failure)
        }
    }
}
