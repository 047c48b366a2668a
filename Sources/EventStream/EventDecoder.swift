import FoundationEssentials

/// Reads events from the body of `/events`. A line that is none is counted, and the next one is read.
public struct EventDecoder: Sendable {
    private var splitter: LineSplitter
    private var malformed = 0

    public init(lineLimit: Int = 1 << 20) {
        splitter = LineSplitter(limit: lineLimit)
    }

    /// Lines that were too long or no events.
    public var unreadable: Int { splitter.skipped + malformed }

    /// The events that `chunk` completes.
    public mutating func events(in chunk: [UInt8]) -> [EngineEvent] {
        var events: [EngineEvent] = []
        let decoder = JSONDecoder()
        for line in splitter.lines(in: chunk) {
            if let event = try? decoder.decode(EngineEvent.self, from: Data(line)) {
                events.append(event)
            } else {
                malformed += 1
            }
        }
        return events
    }
}
