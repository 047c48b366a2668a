/// Reads events from the body of `/events`. A line that is none is counted, and the next one is read.
public struct EventDecoder: ~Copyable {
    private var splitter: LineSplitter
    private let reader: EventReader
    private var malformed = 0

    /// - Parameter hostLabels: the labels that ask for hosts.
    public init(hostLabels: [String] = [], lineLimit: Int = 1 << 20) {
        splitter = LineSplitter(limit: lineLimit)
        reader = EventReader(hostLabels: hostLabels, lineLimit: lineLimit)
    }

    /// Lines that were too long or no events.
    public var unreadable: Int { splitter.skipped + malformed }
    /// Bytes that wait for the rest of their line.
    public var waiting: Int { splitter.waiting }

    /// The events that `chunk` completes.
    public mutating func events(in chunk: [UInt8]) -> [EngineEvent] {
        var events: [EngineEvent] = []
        var malformed = 0
        unsafe splitter.split(chunk) { line in
            if let event = unsafe reader.event(in: line) {
                events.append(event)
            } else {
                malformed += 1
            }
        }
        self.malformed += malformed
        return events
    }
}
