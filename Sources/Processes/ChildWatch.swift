import Glibc
import Model
import Ports
import Timing

/// Decides when to signal a child and when to stop reading its output: running → (time up or cancelled) SIGTERM → (grace
/// over) SIGKILL → ended → (pipes closed, or drained for a moment: a grandchild may hold them open) over.
struct ChildWatch {
    private enum State {
        case running
        case terminating(until: Duration)
        case killed
        case draining(until: Duration)
        case over
    }

    /// How long output is still read after the child's end.
    private static let drain = Duration.milliseconds(200)

    private let grace: Duration
    private let deadline: Duration
    private var state = State.running
    private(set) var end: ProcessResult.End?
    private(set) var signalToSend: Int32?

    init(limit: Duration, grace: Duration) {
        self.grace = grace
        deadline = SystemClock().uptime + limit
    }

    var isOver: Bool { if case .over = state { true } else { false } }
    var isStopping: Bool { if case .running = state { false } else { true } }

    /// For poll(2): until the next decision, or -1 for "until something happens".
    var pollMilliseconds: Int32 {
        let until: Duration
        switch state {
        case .running: until = deadline
        case .terminating(let limit), .draining(let limit): until = limit
        case .killed, .over: return -1
        }
        return Int32(clamping: max(0, (until - SystemClock().uptime).milliseconds + 1))
    }

    mutating func step(childEnded: Bool, pipesOpen: Bool, cancelled: Bool) {
        signalToSend = nil
        let now = SystemClock().uptime
        switch state {
        case .running where childEnded, .terminating where childEnded, .killed where childEnded:
            state = pipesOpen ? .draining(until: now + Self.drain) : .over
        case .running where cancelled || now >= deadline:
            end = cancelled ? .cancelled : .timedOut
            signalToSend = SIGTERM
            state = .terminating(until: now + grace)
        case .terminating(let until) where now >= until:
            signalToSend = SIGKILL
            state = .killed
        case .draining(let until) where !pipesOpen || now >= until: state = .over
        default: break
        }
    }
}
