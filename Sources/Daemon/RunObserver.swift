import Model
import Pipeline
import Report
import Timing

/// Observes everything that a session decides and does, when it happens. It must not block. Times are the clock's `uptime`.
protocol RunObserver: Sendable {
    /// Something outside asks for a run. The timer does not count: it is part of the decision.
    func triggered(_ trigger: Trigger, at time: Duration)
    /// No run is due before `time` unless something happens.
    func waiting(until time: Duration)
    /// A run begins, which was due at `time`.
    func began(_ cause: RunCause, at time: Duration)
    /// The run in flight has made progress.
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

/// Several observers, called in their order.
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
