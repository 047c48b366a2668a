/// Whether the daemon's loops are running. Nothing outside is asked, so a provider that is down makes no daemon unhealthy.
/// Pure; times are the clock's `uptime`.
struct Liveness {
    private enum Runs {
        case idle(since: Duration)
        case waiting(until: Duration)
        case running(lastProgress: Duration)
    }

    /// A timer is late on a busy machine, but not this late.
    private static let latenessLimit = Duration.seconds(120)
    /// The longest that a run goes without any progress: certbot takes minutes, and other orders wait for it.
    private static let silenceLimit = Duration.seconds(3600)
    /// The event stream waits at most half a minute between two tries, each of which has a time limit.
    private static let eventsLimit = Duration.seconds(600)

    private var runs: Runs
    private var eventsChecked: Duration

    init(since now: Duration) { (runs, eventsChecked) = (.idle(since: now), now) }

    mutating func eventsChecked(at now: Duration) { eventsChecked = now }
    mutating func waiting(until time: Duration) { runs = .waiting(until: time) }
    mutating func began(at now: Duration) { runs = .running(lastProgress: now) }
    mutating func progressed(at now: Duration) { if case .running = runs { began(at: now) } }
    mutating func ended(at now: Duration) { runs = .idle(since: now) }

    /// Which loop is stuck; nil when none is.
    func unhealthyReason(at now: Duration) -> String? {
        switch runs {
        case .idle(let since) where now - since > Self.latenessLimit: "no run is scheduled"
        case .waiting(let time) where now - time > Self.latenessLimit: "a run is due but has not started"
        case .running(let last) where now - last > Self.silenceLimit: "a run is making no progress"
        default: now - eventsChecked > Self.eventsLimit ? "Docker's events are not being watched" : nil
        }
    }
}
