import FoundationEssentials
import Model
import Ports

/// A recording, read: what one session of the daemon began with, saw, and decided.
public struct RecordedSession: Sendable {
    public let header: Header
    public private(set) var exchanges: [Exchange] = []
    public private(set) var parts: [StreamPart] = []
    public private(set) var arrivals: [Arrival] = []
    public private(set) var decisions: [Decision] = []
    public private(set) var jumps: [ClockJump] = []
    public private(set) var gaps: [Gap] = []
    /// When its last line was written, since the beginning.
    public private(set) var length: Nanoseconds = 0
    private var blobs: [Int: [UInt8]] = [:]

    private init(_ header: Header) {
        self.header = header
    }

    /// The sessions in a file, in order. A last line that was cut off, as by a power failure, is left out.
    public static func all(in input: InputFile) throws(RecordingError) -> [RecordedSession] {
        var sessions: [RecordedSession] = []
        var lines = NumberedLines(input)
        while let line = try lines.next() {
            guard let content = try? decode(line.bytes) else {
                guard !line.isComplete else {
                    throw RecordingError(input.path, line: line.number, "is no line of a recording")
                }
                continue
            }
            if case .header(let header) = content {
                try check(header, input.path, line.number)
                sessions.append(RecordedSession(header))
            } else if let last = sessions.indices.last {
                sessions[last].take(content)
            } else {
                throw RecordingError(input.path, line: line.number, "is no header of a recording")
            }
        }
        return sessions
    }

    private static func check(_ header: Header, _ path: String, _ line: Int) throws(RecordingError) {
        guard header.format != Header.currentFormat else { return }
        throw RecordingError(
            path,
            line: line,
            "is of format \(header.format); this Landfall reads \(Header.currentFormat)"
        )
    }

    /// What stood in a line, or in the blob it names.
    func bytes(of payload: Payload) -> [UInt8] {
        switch payload {
        case .bytes(let bytes): bytes
        case .blob(let number): blobs[number] ?? []
        }
    }

    private static func decode(_ bytes: [UInt8]) throws -> Line {
        try JSONDecoder().decode(Line.self, from: Data(bytes))
    }

    private mutating func take(_ line: Line) {
        switch line {
        case .header: break
        case .blob(let blob): blobs[blob.number] = bytes(of: blob.content)
        case .exchange(let exchange):
            exchanges.append(exchange)
            length = max(length, exchange.at + exchange.took)
        case .stream(let part):
            parts.append(part)
            length = max(length, part.at)
        case .arrival(let arrival):
            arrivals.append(arrival)
            length = max(length, arrival.at)
        case .decision(let decision):
            decisions.append(decision)
            length = max(length, decision.at)
        case .clock(let jump): jumps.append(jump)
        case .gap(let gap): gaps.append(gap)
        }
    }
}

/// What is wrong with a file that should be replayed: which, where, what.
public struct RecordingError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ path: String, line: Int, _ problem: String) {
        description = "\(sanitized(path, limit: 200)): line \(line) \(problem)"
    }

    init(_ path: String, _ problem: String) {
        description = "\(sanitized(path, limit: 200)) \(problem)"
    }

    init(_ error: FileError) {
        description = sanitized(error.description)
    }
}
