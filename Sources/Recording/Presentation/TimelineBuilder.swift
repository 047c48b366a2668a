package import Model
package import Ports
package import Report
import Synchronization
package import Timing

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
        state.withLock { $0.timeline.append(.init(at: now, kind, text)) }
    }

    package func triggered(_ reason: String) {
        decided(.triggered(reason: reason))
        state.withLock { $0.hasTriggers = true }
        add(.trigger, reason)
    }

    /// The debounce waits for quiet, `time` being the clock's uptime.
    package func waiting(until time: Duration) {
        guard state.withLock(\.hasTriggers) else { return }
        add(.wait, "until \((clock.now + (time - clock.uptime)).timeOfDay)")
    }

    package func began(_ cause: RunCause) {
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

    package func ended(_ report: Report) {
        decided(.ended(report: report))
        for line in report.lines.dropLast() { add(.outcome, line.trimmed) }
        add(.ended, "\(report.changes) changed, \(report.failures) failed")
    }

    private func decided(_ content: Decision.Content) {
        let at = clock.uptime.nanoseconds
        state.withLock { $0.decisions.append(Decision(at: at, content: content)) }
    }
}
