package import Recording
import Docker
import EventStream
import Model
import Timing

/// A replay of the engine's events without a recording: which of them are triggers, and when their runs begin. Here a
/// run takes no time, and there is no timer. Only one chunk of each file is in memory.
package struct EventReplay {
    package struct Summary: Sendable, Codable {
        package internal(set) var events = 0
        package internal(set) var triggers = 0
        package internal(set) var runs = 0
        /// Lines that are not events.
        package internal(set) var unreadable = 0
    }

    /// An event may be relevant to a manager or to a plain engine; the file does not say which one it is of.
    private static let relevances = [Relevance(mode: .manager(cluster: "")), Relevance(mode: .plain)]

    private let files: [EventFile]
    private var history = EventHistory()
    private var debounce: Debounce
    private var began: Timestamp?
    private var elapsed: Duration = .zero
    private var summary = Summary()

    package init(_ inputs: [InputFile], hostLabels: [String], quiet: Duration, maximumWait: Duration) {
        files = inputs.map { EventFile($0, hostLabels: hostLabels) }
        debounce = Debounce(quiet: quiet, maxWait: maximumWait, interval: .seconds(1 << 32))
    }

    /// - Parameter end: events from here on are left out.
    package mutating func run(until end: ReplayEnd?, _ show: (Timeline.Item) -> Void) throws(RecordingError) -> Summary
    {
        while let event = try next() {
            let began = began ?? event.time
            self.began = began
            if let end, event.time - began > end.elapsed(since: began) { break }
            summary.events += 1
            add(event, since: began, show)
        }
        fire(until: elapsed + .seconds(86_400), show)
        summary.unreadable = files.reduce(0) { $0 + $1.unreadable }
        return summary
    }

    /// The events of all files as one sequence, in the order of their times.
    private func next() throws(RecordingError) -> EngineEvent? {
        var earliest: (file: EventFile, event: EngineEvent)?
        for file in files {
            guard let event = try file.first() else { continue }
            if earliest.map({ event.time < $0.event.time }) ?? true { earliest = (file, event) }
        }
        earliest?.file.removeFirst()
        return earliest?.event
    }

    private mutating func add(_ event: EngineEvent, since began: Timestamp, _ show: (Timeline.Item) -> Void) {
        elapsed = max(elapsed, event.time - began)
        fire(until: elapsed, show)
        guard Self.relevances.contains(where: { $0.isRelevant(event) }), history.isNew(event, at: event.time) else {
            return
        }
        summary.triggers += 1
        debounce.trigger(event.trigger, at: elapsed)
        let due = debounce.due.map { ", so a run at \((began + $0).timeOfDay)" } ?? ""
        show(.init(at: began + elapsed, .trigger, event.trigger.description + due))
    }

    private mutating func fire(until time: Duration, _ show: (Timeline.Item) -> Void) {
        guard let began else { return }
        while let due = debounce.due, due <= time {
            guard case .fire(let cause, let at) = debounce.step(at: due) else { return }
            summary.runs += 1
            show(.init(at: began + at, .run, "\(summary.runs): \(cause.text), after \(cause.waited.readable)"))
            debounce.runEnded(at: at, readAll: true)
        }
    }
}

/// The events of one file.
private final class EventFile {
    private let input: InputFile
    private var decoder: EventDecoder
    private var events: ArraySlice<EngineEvent> = []
    private var isAtEnd = false

    init(_ input: InputFile, hostLabels: [String]) {
        self.input = input
        decoder = EventDecoder(hostLabels: hostLabels)
    }

    var unreadable: Int { decoder.unreadable }

    func first() throws(RecordingError) -> EngineEvent? {
        while events.isEmpty, !isAtEnd {
            let chunk = try input.next()
            isAtEnd = chunk == nil
            // A last line counts even without its line feed.
            events = decoder.events(in: chunk ?? [UInt8(ascii: "\n")])[...]
        }
        return events.first
    }

    func removeFirst() { events.removeFirst() }
}
