import Docker
import EventStream
import Model
import Timing

/// The engine's events as they are, without a recording of Landfall: which of them ask for a run, and when it comes.
///
/// How long a run takes is not known, so it takes no time here; there is no timer either. Holds a piece of every file,
/// however long they are.
public struct EventReplay {
    public struct Summary: Sendable, Codable {
        public internal(set) var events = 0
        public internal(set) var triggers = 0
        public internal(set) var runs = 0
        /// Lines that are no events.
        public internal(set) var unreadable = 0
    }

    /// An event is relevant to a manager or to a plain engine; nobody says which one these are of.
    private static let relevances = [Relevance(mode: .manager(cluster: "")), Relevance(mode: .plain)]

    private var merged: MergedEvents
    private var memory = EventHistory()
    private var debounce: Debounce
    private var began: Timestamp?
    private var elapsed: Duration = .zero
    private var summary = Summary()

    public init(_ inputs: [InputFile], hostLabels: [String], quiet: Duration, maximumWait: Duration) {
        merged = MergedEvents(inputs, hostLabels: hostLabels)
        debounce = Debounce(quiet: quiet, maxWait: maximumWait, interval: .seconds(1 << 32))
    }

    /// - Parameter end: events from here on are left out.
    public mutating func run(until end: ReplayEnd?, _ tell: (Timeline.Item) -> Void) throws(RecordingError) -> Summary {
        while let event = try merged.next() {
            let began = began ?? event.time
            self.began = began
            if let end, event.time - began > end.elapsed(since: began) { break }
            summary.events += 1
            take(event, since: began, tell)
        }
        fire(until: elapsed + .seconds(86_400), tell)
        summary.unreadable = merged.unreadable
        return summary
    }

    private mutating func take(_ event: EngineEvent, since began: Timestamp, _ tell: (Timeline.Item) -> Void) {
        elapsed = max(elapsed, event.time - began)
        fire(until: elapsed, tell)
        guard Self.relevances.contains(where: { $0.isRelevant(event) }), memory.isNew(event, at: event.time) else {
            return
        }
        summary.triggers += 1
        debounce.trigger(event.trigger, at: elapsed)
        let due = debounce.due.map { ", so a run at \((began + $0).timeOfDay)" } ?? ""
        tell(.init(at: began + elapsed, .trigger, event.trigger.description + due))
    }

    private mutating func fire(until time: Duration, _ tell: (Timeline.Item) -> Void) {
        guard let began else { return }
        while let due = debounce.due, due <= time {
            guard case .fire(let cause, let at) = debounce.step(at: due) else { return }
            summary.runs += 1
            tell(.init(at: began + at, .run, "\(summary.runs): \(cause.words), after \(cause.waited.readable)"))
            debounce.runEnded(at: at, readAll: true)
        }
    }
}
