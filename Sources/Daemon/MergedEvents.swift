import EventStream

/// The events of several files as one sequence, in the order of their times.
struct MergedEvents {
    private var files: [EventFile]

    init(_ inputs: [InputFile], hostLabels: [String]) {
        files = inputs.map { EventFile($0, hostLabels: hostLabels) }
    }

    var unreadable: Int { files.reduce(0) { $0 + $1.unreadable } }

    mutating func next() throws(RecordingError) -> EngineEvent? {
        guard files.count != 1 else { return try files[0].next() }
        var earliest: (index: Int, event: EngineEvent)?
        for index in files.indices {
            guard let event = try files[index].peek() else { continue }
            if earliest.map({ event.time < $0.event.time }) ?? true { earliest = (index, event) }
        }
        guard let earliest else { return nil }
        return try files[earliest.index].next()
    }
}

/// The events of one file.
private final class EventFile {
    private let input: InputFile
    private var decoder: EventDecoder
    private var events: ArraySlice<EngineEvent> = []
    private var chunks = Chunks.beginning

    private enum Chunks { case beginning, middle, end }

    init(_ input: InputFile, hostLabels: [String]) {
        self.input = input
        decoder = EventDecoder(hostLabels: hostLabels)
    }

    var unreadable: Int { decoder.unreadable }

    func peek() throws(RecordingError) -> EngineEvent? {
        while events.isEmpty {
            guard let chunk = try nextChunk() else { return nil }
            events = decoder.events(in: chunk)[...]
        }
        return events.first
    }

    func next() throws(RecordingError) -> EngineEvent? {
        _ = try peek()
        return events.popFirst()
    }

    private func nextChunk() throws(RecordingError) -> [UInt8]? {
        switch chunks {
        case .beginning:
            chunks = .middle
            return input.beginning
        case .middle:
            if let chunk = try input.next() { return chunk }
            chunks = .end
            // A last line counts even without its line feed.
            return [UInt8(ascii: "\n")]
        case .end: return nil
        }
    }
}
