import Model
import Pipeline
import Report
import Timing

/// Told of everything that a session decides and does, at the moment of it: it must not block. Times are the clock's
/// `uptime`.
protocol RunObserver: Sendable {
    /// Something from outside asks for a run. The timer does not: it belongs to the decision.
    func triggered(_ trigger: Trigger, at time: Duration)
    /// No run is due before `time`, unless something happens.
    func waiting(until time: Duration)
    /// The decision that a run begins, which was due at `time`.
    func began(_ cause: RunCause, at time: Duration)
    /// What the run in flight does.
    func progressed(_ progress: Progress)
    func ended(_ report: Report, at time: Duration)
}

extension RunObserver {
    func triggered(_ trigger: Trigger, at time: Duration) {}
    func waiting(until time: Duration) {}
    func began(_ cause: RunCause, at time: Duration) {}
    func progressed(_ progress: Progress) {}
    func ended(_ report: Report, at time: Duration) {}
}

/// Several, told in their order.
struct RunObservers: RunObserver {
    let all: [any RunObserver]

    func triggered(_ trigger: Trigger, at time: Duration) {
        for observer in all { observer.triggered(trigger, at: time) }
    }

    func waiting(until time: Duration) {
        for observer in all { observer.waiting(until: time) }
    }

    func began(_ cause: RunCause, at time: Duration) {
        for observer in all { observer.began(cause, at: time) }
    }

    func progressed(_ progress: Progress) {
        for observer in all { observer.progressed(progress) }
    }

    func ended(_ report: Report, at time: Duration) {
        for observer in all { observer.ended(report, at: time) }
    }
}
