package import Model
package import Ports
package import Report
import Synchronization
package import Timing

/// What happened in a replay, in order: events, the decisions of the debounce, runs, their stages and outcomes.
package struct Timeline: Sendable {
    package struct Item: Sendable, Codable {
        package enum Kind: String, Sendable, Codable {
            case event, trigger, wait, run, plan, stage, outcome, ended, note
        }

        package let at: Timestamp
        package let kind: Kind
        package let text: String

        package init(at: Timestamp, _ kind: Kind, _ text: String) {
            (self.at, self.kind, self.text) = (at, kind, text)
        }
    }

    package var items: [Item] = []

    package init() {}

    /// Several timelines as one; what happened at the same time stays in the order of the files.
    package static func merged(_ timelines: [Timeline]) -> Timeline {
        var merged = Timeline()
        let items = timelines.enumerated().flatMap { file, timeline in
            timeline.items.enumerated().map { (file, $0.offset, $0.element) }
        }
        merged.items = items.sorted { ($0.2.at, $0.0, $0.1) < ($1.2.at, $1.0, $1.1) }.map(\.2)
        return merged
    }
}

extension Timeline: CustomStringConvertible {
    package var description: String {
        var writer = TimelineWriter()
        return printedLines(items.flatMap { writer.lines($0) })
    }
}

/// A timeline for people: a line per item under the day it happened on, in UTC.
package struct TimelineWriter {
    private var day = ""

    package init() {}

    package mutating func lines(_ item: Timeline.Item) -> [String] {
        let line = "\(item.at.timeOfDay)  \(item.kind.column)\(item.text)"
        guard item.at.day != day else { return [line] }
        day = item.at.day
        return ["\(day) (UTC)", line]
    }
}

extension Timestamp {
    /// `03:37:00.000`, in UTC.
    package var timeOfDay: String { String(description.dropFirst("2026-11-24T".count).dropLast()) }
}

extension Timeline.Item.Kind {
    fileprivate var column: String { rawValue + String(repeating: " ", count: 9 - rawValue.count) }
}

/// Builds a timeline and a list of decisions from what a session reports, with the times of its clock.
package final class TimelineBuilder: Sendable {
    private struct State {
        var timeline = Timeline()
        var decisions: [Decision] = []
        var runs = 0
        /// Whether a trigger came since the last run began: only then the timeline shows what the session waits for.
        var hasTriggers = false
    }

    private let clock: any Ports.Clock
    private let state = Mutex(State())

    package init(clock: any Ports.Clock) { self.clock = clock }

    package var timeline: Timeline { state.withLock(\.timeline) }

    package var decisions: [Decision] { state.withLock(\.decisions) }

    package func add(_ kind: Timeline.Item.Kind, _ text: String) {
        let now = clock.now
        state.withLock { $0.timeline.items.append(.init(at: now, kind, text)) }
    }

    package func triggered(_ trigger: Trigger, at time: Duration) {
        decided(.triggered(reason: trigger.description))
        state.withLock { $0.hasTriggers = true }
        add(.trigger, trigger.description)
    }

    /// The debounce waits for quiet, `time` being the clock's uptime.
    package func waiting(until time: Duration) {
        guard state.withLock(\.hasTriggers) else { return }
        add(.wait, "until \((clock.now + (time - clock.uptime)).timeOfDay)")
    }

    package func began(_ cause: RunCause, at time: Duration) {
        decided(.began(cause: cause))
        let number = state.withLock { state in
            state.runs += 1
            state.hasTriggers = false
            return state.runs
        }
        add(.run, "\(number): \(cause.text)\(cause.waited > .zero ? ", after \(cause.waited.readable)" : "")")
    }

    package func progressed(_ progress: Progress) {
        switch progress.state {
        case .started: add(.stage, "\(progress.stage.rawValue) \(progress.subject)")
        case .planned(let outcome):
            add(.plan, "\(progress.stage.rawValue) \(progress.subject): \(outcome.detail ?? outcome.word)")
        case .step(let step): add(.stage, "\(progress.stage.rawValue) \(progress.subject): \(step)")
        case .ended: break
        }
    }

    package func ended(_ report: Report, at time: Duration) {
        decided(.ended(report: report))
        for line in report.lines.dropLast() { add(.outcome, line.trimmed) }
        add(.ended, "\(report.changes) changed, \(report.failures) failed")
    }

    private func decided(_ content: Decision.Content) {
        let at = clock.uptime.nanoseconds
        state.withLock { $0.decisions.append(Decision(at: at, content: content)) }
    }
}
