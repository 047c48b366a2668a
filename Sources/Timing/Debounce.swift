/// Turns many triggers into few runs: it waits until it has been quiet for a while, but never longer than a limit from the
/// first trigger, so that a service that flaps for ever cannot starve the others.
///
/// Never two runs at once: triggers during a run ask for exactly one more. Pure; times are the clock's `uptime`.
public struct Debounce: Sendable {
    public enum Step: Hashable, Sendable {
        /// Nothing to wait for but a trigger, or the end of the run.
        case idle
        case wait(until: Duration)
        /// A run begins now; `runEnded` must follow.
        case fire(RunCause)
    }

    private struct Pending {
        let first: Duration
        var last: Duration
        var reasons: [String] = []
        var triggers = 0
        var isUrgent = false
    }

    private let quiet: Duration
    private let maxWait: Duration
    private var pending: Pending?
    public private(set) var isRunning = false

    public init(quiet: Duration, maxWait: Duration) {
        (self.quiet, self.maxWait) = (quiet, maxWait)
    }

    /// Something happened that asks for a run; an urgent one waits for no quiet.
    public mutating func trigger(at time: Duration, reason: String, isUrgent: Bool = false) {
        var pending = pending ?? Pending(first: time, last: time)
        pending.last = max(pending.last, time)
        pending.triggers += 1
        pending.isUrgent = pending.isUrgent || isUrgent
        if pending.reasons.count < RunCause.reasonLimit, !pending.reasons.contains(reason) {
            pending.reasons.append(reason)
        }
        self.pending = pending
    }

    /// What to do now; to be asked again after every trigger, at the time it named, and after `runEnded`.
    public mutating func step(at now: Duration) -> Step {
        guard !isRunning, let pending else { return .idle }
        let due = pending.isUrgent ? now : min(pending.last + quiet, pending.first + maxWait)
        guard now >= due else { return .wait(until: due) }
        self.pending = nil
        isRunning = true
        let waited = now - pending.first
        return .fire(RunCause(reasons: pending.reasons, triggers: pending.triggers, waited: waited))
    }

    public mutating func runEnded() {
        isRunning = false
    }
}

/// Why a run began.
public struct RunCause: Hashable, Sendable, Codable {
    /// Reasons beyond these are counted, not kept: a storm must not grow memory.
    static let reasonLimit = 16

    /// The first different ones, in the order they came.
    public let reasons: [String]
    /// How many triggers became this one run.
    public let triggers: Int
    /// From the first trigger to the run.
    public let waited: Duration

    public init(reasons: [String], triggers: Int = 1, waited: Duration = .zero) {
        (self.reasons, self.triggers, self.waited) = (reasons, triggers, waited)
    }
}
