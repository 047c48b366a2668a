import CSimdJSON
import Glibc
import Model

/// Reads events from the body of `/events`. A line that is none is counted, and the next one is read.
package struct EventDecoder: ~Copyable {
    private var splitter: LineSplitter
    private let reader: EventReader
    private var malformed = 0

    /// - Parameter hostLabels: the labels that request hosts.
    package init(hostLabels: [String] = [], lineLimit: Int = 1 << 20) {
        splitter = LineSplitter(limit: lineLimit)
        reader = EventReader(hostLabels: hostLabels, lineLimit: lineLimit)
    }

    /// Lines that were too long or no events.
    package var unreadable: Int { splitter.skipped + malformed }
    /// Bytes that wait for the rest of their line.
    package var waiting: Int { splitter.waiting }

    /// The events that `chunk` completes.
    package mutating func events(in chunk: [UInt8]) -> [EngineEvent] {
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

/// simdjson's parser, and which attributes are read by it.
@safe
struct EventReader: ~Copyable {
    private let handle: OpaquePointer?
    private let values: UnsafeMutableBufferPointer<landfall_text>

    init(hostLabels: [String], lineLimit: Int) {
        let attributes = Self.attributes + hostLabels
        let texts = unsafe attributes.map { unsafe UnsafePointer(strdup($0)) }
        unsafe handle = unsafe texts.withUnsafeBufferPointer {
            unsafe landfall_event_reader_make($0.baseAddress, $0.count, lineLimit)
        }
        unsafe texts.forEach { unsafe free(UnsafeMutablePointer(mutating: $0)) }
        unsafe values = .allocate(capacity: attributes.count)
        unsafe values.initialize(repeating: landfall_text())
    }

    deinit {
        unsafe landfall_event_reader_free(handle)
        unsafe values.deallocate()
    }

    /// The attributes before the host labels.
    private static let attributes = ["name", swarmTaskLabel]
    static let swarmTaskLabel = "com.docker.swarm.service.name"

    /// - Parameter line: as many bytes as simdjson wants are readable after it.
    @unsafe
    func event(in line: UnsafeRawBufferPointer) -> EngineEvent? {
        var event = unsafe landfall_event()
        let start = unsafe line.assumingMemoryBound(to: UInt8.self).baseAddress
        guard let handle = unsafe handle,
            unsafe landfall_read_event(handle, start, line.count, &event, values.baseAddress)
        else { return nil }
        return unsafe EngineEvent(
            type: Self.string(event.type) ?? "",
            action: Self.string(event.action) ?? "",
            id: Self.string(event.id) ?? "",
            name: Self.string(values[0]),
            hasHostLabel: values[Self.attributes.count...].contains { unsafe $0.start != nil },
            isOfSwarmTask: values[1].start != nil,
            time: Timestamp(nanoseconds: event.nanoseconds)
        )
    }

    /// simdjson has checked that it is UTF-8.
    private static func string(_ text: landfall_text) -> String? {
        guard let start = unsafe text.start else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: text.count)
        return unsafe String(outside: bytes)
    }
}
