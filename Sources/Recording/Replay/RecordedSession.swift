import Files
import FoundationEssentials
import Model

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

    /// Reads a whole file. A last line that was cut off, as by a power failure, is left out.
    public init(_ input: InputFile) throws(RecordingError) {
        let path = input.path
        var lines = NumberedLines(input)
        guard let first = try lines.next(), case .header(let header)? = try? Self.decode(first.bytes) else {
            throw RecordingError(path, line: 1, "is no header of a recording")
        }
        guard header.format == Header.currentFormat else {
            throw RecordingError(
                path,
                line: 1,
                "is of format \(header.format); this Landfall reads \(Header.currentFormat)"
            )
        }
        self.header = header
        while let line = try lines.next() {
            do {
                take(try Self.decode(line.bytes))
            } catch {
                guard !line.isComplete else {
                    throw RecordingError(path, line: line.number, "is no line of a recording")
                }
            }
        }
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
        description = "\(oneLine(path, limit: 200)): line \(line) \(problem)"
    }

    init(_ path: String, _ problem: String) {
        description = "\(oneLine(path, limit: 200)) \(problem)"
    }

    init(_ error: FileError) {
        description = oneLine(error.description)
    }
}
