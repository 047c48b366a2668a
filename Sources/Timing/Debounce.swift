/// Turns many triggers into few runs: it waits until it has been quiet for a while, but never longer than a limit from the
/// first trigger, so that a service that flaps for ever cannot starve the others.
///
/// There are never two runs at once: triggers during a run lead to exactly one more. The debounce uses due times of the
/// clock's `uptime`, not wake-up times, so a late timer never changes a decision.
package struct Debounce: Sendable {
    package enum Step: Hashable, Sendable {
        /// Nothing to wait for but a trigger, or the end of the run.
        case idle
        case wait(until: Duration)
        /// A run begins, as of `at`, which is now or just past; `runEnded` must follow.
        case fire(RunCause, at: Duration)
    }

    private let quiet: Duration
    private let maxWait: Duration
    private let interval: Duration
    private var pending: PendingRun?
    /// A run that should have begun by now.
    private var decided: (cause: RunCause, at: Duration)?
    private var isRunning = false
    private var lastEnd: Duration = .zero
    /// When the timer is due.
    private var timerDue: Duration?
    /// How many runs were decided so far, the one in flight included.
    package private(set) var runs = 0

    /// - Parameter interval: how long after everything was read it is read again without another reason.
    package init(quiet: Duration, maxWait: Duration, interval: Duration) {
        (self.quiet, self.maxWait, self.interval) = (quiet, maxWait, interval)
    }

    /// Adds a trigger. Returns the number of the run that will answer it, counted from 1: it begins after this.
    @discardableResult
    package mutating func trigger(_ trigger: Trigger, at time: Duration) -> Int {
        decide(asOf: time)
        add(trigger, at: time)
        return runs + 1
    }

    /// What to do now. Call it again at the time it returns, after a trigger that made `due` earlier, and after `runEnded`.
    package mutating func step(at now: Duration) -> Step {
        guard !isRunning else { return .idle }
        decide(asOf: now)
        if let (cause, time) = decided {
            decided = nil
            isRunning = true
            return .fire(cause, at: time)
        }
        return due.map { .wait(until: $0) } ?? .idle
    }

    /// - Parameter readAll: whether everything was read; the interval to the next such run begins.
    package mutating func runEnded(at time: Duration, readAll: Bool) {
        isRunning = false
        lastEnd = time
        if readAll || timerDue == nil { timerDue = time + interval }
    }

    /// When `step` will have something to do; nil while it waits for a trigger or the end of a run.
    package var due: Duration? {
        guard !isRunning else { return nil }
        return decided?.at ?? [pendingDue, timerDue].compactMap { $0 }.min()
    }

    /// When the pending run is to begin.
    private var pendingDue: Duration? { pending.map { max($0.due(quiet: quiet, maxWait: maxWait), lastEnd) } }

    private mutating func add(_ trigger: Trigger, at time: Duration) {
        var run = pending ?? PendingRun(first: time)
        run.add(trigger, at: time)
        pending = run
    }

    /// Makes all decisions that were due by `now`, in the order of their due times.
    private mutating func decide(asOf now: Duration) {
        while !isRunning, decided == nil {
            if let pendingDue, let pending, pendingDue <= min(now, timerDue ?? now) {
                let cause = pending.cause(at: pendingDue)
                decided = (cause, pendingDue)
                runs += 1
                self.pending = nil
                if cause.readsEverything { timerDue = nil }
            } else if let time = timerDue, time <= now {
                timerDue = nil
                add(Trigger(.timer), at: time)
            } else {
                return
            }
        }
    }
}

/// What the next run's cause is made of; constant in size, however many triggers come.
private struct PendingRun: Sendable {
    private var first: Duration
    private var last: Duration
    private var urgent: Duration?
    private var reasons: [String] = []
    private var kinds: [Trigger.Kind] = []
    private var triggers = 0
    private var confirmations: [String] = []

    init(first: Duration) { (self.first, last) = (first, first) }

    mutating func add(_ trigger: Trigger, at time: Duration) {
        (first, last) = (min(first, time), max(last, time))
        triggers += 1
        if trigger.kind.isUrgent { urgent = urgent ?? time }
        if !kinds.contains(trigger.kind) { kinds.append(trigger.kind) }
        let reason = trigger.description
        if reasons.count < RunCause.reasonLimit, !reasons.contains(reason) { reasons.append(reason) }
        guard let confirmation = trigger.confirmation, confirmations.count < RunCause.reasonLimit else { return }
        if !confirmations.contains(confirmation) { confirmations.append(confirmation) }
    }

    /// When it would begin, were nothing in its way.
    func due(quiet: Duration, maxWait: Duration) -> Duration { urgent ?? min(last + quiet, first + maxWait) }

    func cause(at time: Duration) -> RunCause {
        RunCause(reasons: reasons, kinds: kinds, triggers: triggers, waited: time - first, confirmations: confirmations)
    }
}
