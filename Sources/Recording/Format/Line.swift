/// One line of a recording: an object with one key, which says what the line is.
public enum Line: Sendable {
    case header(Header)
    case blob(Blob)
    case exchange(Exchange)
    case stream(StreamPart)
    case arrival(Arrival)
    case decision(Decision)
    case clock(ClockJump)
    case gap(Gap)
}

extension Line: Codable {
    private enum Key: String, CodingKey {
        case header = "recording"
        case blob, exchange, stream, arrival, decision, clock, gap
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        guard let key = container.allKeys.first else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no line of a recording")
            )
        }
        self =
            switch key {
            case .header: .header(try container.decode(Header.self, forKey: key))
            case .blob: .blob(try container.decode(Blob.self, forKey: key))
            case .exchange: .exchange(try container.decode(Exchange.self, forKey: key))
            case .stream: .stream(try container.decode(StreamPart.self, forKey: key))
            case .arrival: .arrival(try container.decode(Arrival.self, forKey: key))
            case .decision: .decision(try container.decode(Decision.self, forKey: key))
            case .clock: .clock(try container.decode(ClockJump.self, forKey: key))
            case .gap: .gap(try container.decode(Gap.self, forKey: key))
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .header(let header): try container.encode(header, forKey: .header)
        case .blob(let blob): try container.encode(blob, forKey: .blob)
        case .exchange(let exchange): try container.encode(exchange, forKey: .exchange)
        case .stream(let part): try container.encode(part, forKey: .stream)
        case .arrival(let arrival): try container.encode(arrival, forKey: .arrival)
        case .decision(let decision): try container.encode(decision, forKey: .decision)
        case .clock(let jump): try container.encode(jump, forKey: .clock)
        case .gap(let gap): try container.encode(gap, forKey: .gap)
        }
    }
}

/// The recorder could not keep up, or could not write: what happened here is missing.
public struct Gap: Sendable, Codable {
    public let at: Nanoseconds
    public let reason: String

    public init(at: Nanoseconds, reason: String) {
        (self.at, self.reason) = (at, reason)
    }
}

/// The wall clock was set forward by so much, or back where it is negative.
public struct ClockJump: Sendable, Codable {
    public let at: Nanoseconds
    public let by: Nanoseconds

    public init(at: Nanoseconds, by: Nanoseconds) {
        (self.at, self.by) = (at, by)
    }
}

/// Since the recording began, by the clock that never goes back.
public typealias Nanoseconds = Int64
