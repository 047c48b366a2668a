/// Whether the daemon's loops turn: nothing outside is asked, for a provider that is away makes no daemon ill. Pure;
/// times are the clock's `uptime`.
struct Liveness {
    private enum Runs {
        case idle(since: Duration)
        case waiting(until: Duration)
        case running(last: Duration)
    }

    /// An alarm rings late on a machine that is busy, but not so late.
    private static let lateness = Duration.seconds(120)
    /// The longest that a run goes on without telling of a step; certbot takes minutes, and others wait for it.
    private static let silence = Duration.seconds(3600)
    /// The event stream waits half a minute at the most between two tries, each of which has a limit.
    private static let neglect = Duration.seconds(600)

    private var runs: Runs
    private var events: Duration

    init(since now: Duration) {
        (runs, events) = (.idle(since: now), now)
    }

    mutating func eventsLookedAfter(at now: Duration) { events = now }
    mutating func waiting(until time: Duration) { runs = .waiting(until: time) }
    mutating func began(at now: Duration) { runs = .running(last: now) }
    mutating func progressed(at now: Duration) { if case .running = runs { runs = .running(last: now) } }
    mutating func ended(at now: Duration) { runs = .idle(since: now) }

    /// What does not turn; nil when all does.
    func complaint(at now: Duration) -> String? {
        switch runs {
        case .idle(let since) where now - since > Self.lateness: "no run is waited for"
        case .waiting(let time) where now - time > Self.lateness: "a run that was due does not begin"
        case .running(let last) where now - last > Self.silence: "a run makes no progress"
        default: now - events > Self.neglect ? "nobody looks after the engine's events" : nil
        }
    }
}
