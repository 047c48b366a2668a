import Pipeline
import Ports
import Report
import Synchronization
import Timing

/// Turns triggers into runs, one at a time. The debounce decides when; the loop waits and performs.
final class RunLoop: Sendable {
    typealias Perform = @Sendable (RunCause) async -> Report
    typealias Reply = @Sendable (Report?) -> Void

    private struct State {
        var debounce: Debounce
        /// When the loop wakes up by itself; nil if only a wake-up call does it.
        var alarm: Duration?
        /// The replies that wait for the report of a run.
        var waiting: [(run: Int, reply: Reply)] = []
        var isEnding = false
        var isOver = false
    }

    private let clock: any Clock
    private let observers: [any RunObserver]
    private let perform: Perform
    private let state: Mutex<State>
    private let wakeup: TaskWakeup

    init(_ debounce: Debounce, clock: any Clock, observers: [any RunObserver], perform: @escaping Perform) {
        (self.clock, self.observers, self.perform) = (clock, observers, perform)
        state = Mutex(State(debounce: debounce))
        wakeup = TaskWakeup(clock)
    }

    /// Adds a trigger. `reply` gets the report of a run that begins after this, or nil if the loop ends before.
    func trigger(_ trigger: Trigger, reply: Reply? = nil) {
        let isAccepted = state.withLock { state in
            guard !state.isOver else { return false }
            let now = clock.uptime
            let run = state.debounce.trigger(trigger, at: now)
            if let reply { state.waiting.append((run, reply)) }
            // Before the run for it can begin.
            for observer in observers { observer.triggered(trigger, at: now) }
            if let due = state.debounce.due, state.alarm.map({ due < $0 }) ?? true { wakeup.wake() }
            return true
        }
        if !isAccepted { reply?(nil) }
    }

    /// Ends the loop once no run is in flight or waited for. Triggers that are pending then are left to the next session.
    func endWhenFree() {
        state.withLock { $0.isEnding = true }
        wakeup.wake()
    }

    /// Performs runs until the loop ends or is cancelled, which abandons the run in flight at its next safe point.
    func run() async {
        while let step = next() {
            switch step {
            case .idle: await wakeup.wait()
            case .wait(let time):
                for observer in observers { observer.waiting(until: time) }
                await wakeup.wait(until: time)
            case .fire(let cause, let time):
                for observer in observers { observer.began(cause, at: time) }
                ended(await perform(cause))
            }
        }
        answer(nil)
    }

    /// Returns nil when the loop is over. From then on it accepts no triggers.
    private func next() -> Debounce.Step? {
        state.withLock { state in
            state.isOver = Task.isCancelled || state.isEnding && state.waiting.isEmpty
            guard !state.isOver else { return nil }
            let step = state.debounce.step(at: clock.uptime)
            state.alarm = if case .wait(let time) = step { time } else { nil }
            return step
        }
    }

    private func ended(_ report: Report) {
        let time = clock.uptime
        let run = state.withLock { state in
            state.debounce.runEnded(at: time, readAll: report.reach == .all)
            return state.debounce.runs
        }
        for observer in observers { observer.ended(report, at: time) }
        answer(report, upTo: run)
    }

    private func answer(_ report: Report?, upTo run: Int = .max) {
        let replies = state.withLock { state in
            let replies = state.waiting.filter { $0.run <= run }
            state.waiting.removeAll { $0.run <= run }
            return replies
        }
        for (_, reply) in replies { reply(report) }
    }
}
