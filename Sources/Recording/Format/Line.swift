package import Model
import Ports
package import Report
import State
package import Timing

/// One line of a recording: an object with one key, which says what the line is.
enum Line: Sendable, Decodable {
    case header(Header)
    case blob(Blob)
    case exchange(Exchange)
    case stream(StreamPart)
    case arrival(Arrival)
    case decision(Decision)
    case clock(ClockJump)
    case gap(Gap)

    enum Key: String, CodingKey {
        case header = "recording"
        case blob, exchange, stream, arrival, decision, clock, gap
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        guard let key = container.allKeys.first else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a line of a recording")
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
}

extension Line {
    /// No session is longer than ten years. Sums of a few such times fit into 64 bits.
    private static let longest: Nanoseconds = 3660 * 86_400 * 1_000_000_000

    /// Whether its times are from 0 to ten years, and so can be those of a recording.
    var hasPossibleTimes: Bool {
        times.allSatisfy { (0...Self.longest).contains($0) }
    }

    private var times: [Nanoseconds] {
        switch self {
        case .header, .blob: []
        case .exchange(let exchange): [exchange.at, exchange.took]
        case .stream(let part): [part.at]
        case .arrival(let arrival): [arrival.at]
        case .decision(let decision): [decision.at, decision.content.waited]
        case .clock(let jump): [jump.at]
        case .gap(let gap): [gap.at]
        }
    }
}

extension Decision.Content {
    fileprivate var waited: Nanoseconds { if case .began(let cause) = self { cause.waited.nanoseconds } else { 0 } }
}

/// The first line of a recording: everything that the session began with. A session keeps nothing that is not here.
package struct Header: Sendable, Codable {
    package static let currentFormat = 2

    package let format: Int
    /// The version of Landfall.
    package let version: String
    package let started: Timestamp
    /// Why the session began: its first trigger.
    package let beginning: String
    /// The path of the program that certbot calls back.
    package let program: String
    /// The variables that the configuration was read from. Each secret is replaced by a word of the same form.
    package let environment: [String: String]
    /// The form of `state`; nil for that of Landfall 0.1.0.
    package let stateVersion: Int?
    /// The state store: namespace → key → text.
    package let state: [String: [String: String]]

    package init(
        version: String,
        started: Timestamp,
        beginning: String,
        program: String,
        environment: [String: String],
        state: [String: [String: String]]
    ) {
        (format, stateVersion) = (Self.currentFormat, StateMigration.version)
        (self.version, self.started, self.beginning) = (version, started, beginning)
        (self.program, self.environment, self.state) = (program, environment, state)
    }
}

/// Nanoseconds since the recording began, by the clock that never goes back.
package typealias Nanoseconds = Int64

/// Bytes that several lines refer to: what was read twice is written once.
struct Blob: Sendable, Codable {
    let number: Int
    let content: Bytes
}

/// A part of a body that arrives over time.
struct StreamPart: Sendable, Codable, Hashable {
    enum Content: Sendable, Codable, Hashable {
        /// One event of the engine, as a line of JSON that holds only what Landfall reads.
        case line(json: String)
        /// A line that was not an event, or too long for one.
        case unreadable(bytes: Int)
        case ended
        case failed(error: TransportError)
    }

    let at: Nanoseconds
    let stream: Int
    let content: Content
}

/// A request that came to the daemon from outside.
package struct Arrival: Sendable, Codable, Hashable {
    package enum Content: Sendable, Codable, Hashable {
        /// A run was requested by SIGHUP or `landfall once`, with the code of what it confirms.
        case request(reason: String, confirmation: String?)
        /// certbot called its hook. Instead of its token, the lineage that it is for is recorded.
        case hook(lineage: String, action: String, domain: String, validation: String, remaining: Int)
        /// The session had to end; a run in flight was abandoned.
        case end
    }

    package let at: Nanoseconds
    package let content: Content
}

/// What the daemon decided. A replay must decide the same.
package struct Decision: Sendable, Codable {
    package enum Content: Sendable, Codable {
        /// A run was requested.
        case triggered(reason: String)
        case began(cause: RunCause)
        case ended(report: Report)
    }

    package let at: Nanoseconds
    package let content: Content
}

/// A missing part, because the recorder could not keep up or could not write.
package struct Gap: Sendable, Codable, Hashable {
    package let at: Nanoseconds
    package let reason: String
}

/// A change of the wall clock; negative if it was set back.
package struct ClockJump: Sendable, Codable, Hashable {
    package let at: Nanoseconds
    package let by: Nanoseconds
}
