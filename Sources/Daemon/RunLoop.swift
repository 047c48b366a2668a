import Pipeline
import Ports
import Report
import Synchronization
import Timing

/// Turns triggers into runs, one at a time: the debounce decides when, this waits and performs.
final class RunLoop: Sendable {
    typealias Perform = @Sendable (RunCause) async -> Report
    typealias Reply = @Sendable (Report?) -> Void

    private struct State {
        var debounce: Debounce
        /// When the loop will look again by itself; nil when only the bell makes it.
        var alarm: Duration?
        /// Who waits for which run's report.
        var asking: [(run: Int, reply: Reply)] = []
        var isEnding = false
        var isOver = false
    }

    private let clock: any Clock
    private let observer: any RunObserver
    private let perform: Perform
    private let state: Mutex<State>
    private let rings: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    init(_ debounce: Debounce, clock: any Clock, observer: any RunObserver, perform: @escaping Perform) {
        self.clock = clock
        self.observer = observer
        self.perform = perform
        state = Mutex(State(debounce: debounce))
        (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes note of a trigger and returns at once; the memory that takes does not grow with their number.
    ///
    /// - Parameter reply: gets the report of a run that begins after this; nil when the loop ends before.
    func trigger(_ trigger: Trigger, reply: Reply? = nil) {
        let isTaken = state.withLock { state in
            guard !state.isOver else { return false }
            let now = clock.uptime
            let run = state.debounce.trigger(trigger, at: now)
            if let reply { state.asking.append((run, reply)) }
            // Before the run that it asks for can begin.
            observer.triggered(trigger, at: now)
            if let due = state.debounce.due, state.alarm.map({ due < $0 }) ?? true { bell.yield() }
            return true
        }
        if !isTaken { reply?(nil) }
    }

    /// Ends the loop once no run is in flight and nobody waits for one. Triggers that still wait then are left to whoever
    /// comes after.
    func endWhenFree() {
        state.withLock { $0.isEnding = true }
        bell.yield()
    }

    /// Performs runs until it is told to end, or cancelled: then the run in flight is abandoned at its next safe point.
    func run() async {
        var rings = rings.makeAsyncIterator()
        while let step = next() {
            switch step {
            case .idle: await rings.next()
            case .wait(let time):
                observer.waiting(until: time)
                await wait(until: time, or: &rings)
            case .fire(let cause, let time):
                observer.began(cause, at: time)
                ended(await perform(cause))
            }
        }
        answer(nil)
    }

    /// Nil when the loop is over; from then on it takes no trigger.
    private func next() -> Debounce.Step? {
        state.withLock { state in
            state.isOver = Task.isCancelled || state.isEnding && state.asking.isEmpty
            guard !state.isOver else { return nil }
            let step = state.debounce.step(at: clock.uptime)
            state.alarm = if case .wait(let time) = step { time } else { nil }
            return step
        }
    }

    private func wait(until time: Duration, or rings: inout AsyncStream<Void>.Iterator) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [clock, bell] in
                guard (try? await clock.sleep(for: max(.zero, time - clock.uptime))) != nil else { return }
                bell.yield()
            }
            await rings.next()
            group.cancelAll()
        }
    }

    private func ended(_ report: Report) {
        let time = clock.uptime
        let run = state.withLock { state in
            state.debounce.runEnded(at: time, readAll: report.reach == .all)
            return state.debounce.runs
        }
        observer.ended(report, at: time)
        answer(report, upTo: run)
    }

    private func answer(_ report: Report?, upTo run: Int = .max) {
        let replies = state.withLock { state in
            let replies = state.asking.filter { $0.run <= run }
            state.asking.removeAll { $0.run <= run }
            return replies
        }
        for (_, reply) in replies { reply(report) }
    }
}
