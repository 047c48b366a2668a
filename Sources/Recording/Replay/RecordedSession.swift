import Model
import Ports
import Synchronization

/// A recording, read: what one session of the daemon began with, saw, and decided.
package struct RecordedSession: Sendable {
    package let header: Header
    package private(set) var exchanges: [Exchange] = []
    private(set) var parts: [StreamPart] = []
    package private(set) var arrivals: [Arrival] = []
    package private(set) var decisions: [Decision] = []
    package private(set) var jumps: [ClockJump] = []
    package private(set) var gaps: [Gap] = []
    /// When its last line was written, since the beginning.
    package private(set) var length: Nanoseconds = 0
    let blobs = RecordedBlobs()

    private init(_ header: Header) { self.header = header }

    /// The sessions in a file, in order. A last line that was cut off, as by a power failure, is left out.
    package static func all(in input: InputFile) throws(RecordingError) -> [RecordedSession] {
        var sessions: [RecordedSession] = []
        var lines = NumberedLines(input)
        while let line = try lines.next() {
            guard let content = try? decode(line.bytes, sessions.last?.blobs) else {
                guard !line.isComplete else {
                    throw RecordingError(input.path, line: line.number, "is not a line of a recording")
                }
                continue
            }
            guard content.hasPossibleTimes else {
                throw RecordingError(
                    input.path,
                    line: line.number,
                    "has a time that is not from 0 to 10 years after the beginning, so it is not a line of a recording"
                )
            }
            if case .header(let header) = content {
                try check(header, input.path, line.number)
                sessions.append(RecordedSession(header))
            } else if let last = sessions.indices.last {
                sessions[last].append(content, on: line.bytes)
            } else {
                throw RecordingError(input.path, line: line.number, "is not the header of a recording")
            }
        }
        return sessions
    }

    private static func check(_ header: Header, _ path: String, _ line: Int) throws(RecordingError) {
        guard header.format != Header.currentFormat else { return }
        throw RecordingError(
            path,
            line: line,
            "is of format \(header.format); this version of Landfall reads format \(Header.currentFormat)"
        )
    }

    private static func decode(_ bytes: [UInt8], _ blobs: RecordedBlobs?) throws -> Line {
        try decodeJSON(Line.self, from: bytes, userInfo: blobs.map { .init(blobs: $0) } ?? [:])
    }

    private mutating func append(_ line: Line, on bytes: [UInt8]) {
        switch line {
        case .header: break
        case .blob(let blob): blobs.add(blob)
        case .exchange(var exchange):
            exchange.line = bytes
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

    /// The parts of its streams, with each event at the time of its trigger, by which the debounce decided: a little
    /// after the bytes came. `reason` is the reason for a run that a line gives, if any.
    func parts(dated reason: (_ event: String) -> String?) -> [StreamPart] {
        var triggers = decisions.compactMap { decision -> (at: Nanoseconds, reason: String)? in
            guard case .triggered(let reason) = decision.content else { return nil }
            return (decision.at, reason)
        }[...]
        var result: [StreamPart] = []
        // The triggers of a chunk are in the order of its lines, and before the next chunk is read.
        for (part, next) in zip(parts, nextTimes) {
            triggers = triggers.drop { $0.at < part.at }
            guard case .line(let line) = part.content, let reason = reason(line),
                let place = triggers.prefix(Self.triggersPerChunk).prefix(while: { $0.at < next })
                    .firstIndex(where: { $0.reason == reason })
            else {
                result.append(part)
                continue
            }
            result.append(StreamPart(at: triggers[place].at, stream: part.stream, content: part.content))
            triggers = triggers[(place + 1)...]
        }
        return result
    }
}

extension RecordedSession {
    /// How many triggers an event is looked for among: a chunk does not hold more.
    private static let triggersPerChunk = 1024

    /// For each part of a stream, the time of the next part that came later.
    private var nextTimes: [Nanoseconds] {
        var times: [Nanoseconds] = []
        // Of the parts that follow, in descending order.
        var later: [Nanoseconds] = []
        for part in parts.reversed() {
            while let time = later.last, time <= part.at { later.removeLast() }
            times.append(later.last ?? .max)
            later.append(part.at)
        }
        return times.reversed()
    }
}

/// The blobs of one session.
final class RecordedBlobs: BlobStore {
    private let blobs = Mutex<[Int: [UInt8]]>([:])

    func add(_ blob: Blob) { blobs.withLock { $0[blob.number] = blob.content.wrappedValue } }

    func bytes(ofBlob number: Int) -> [UInt8]? { blobs.withLock { $0[number] } }

    func stored(_ bytes: [UInt8]) -> StoredBytes { .inline(bytes) }
}
