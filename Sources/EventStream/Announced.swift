import Docker

/// What was last said about the engine, so that loss, recovery and its part are said once each and not at every try.
struct Announced: Sendable {
    private var lostSince: Duration?
    private var mode: EngineMode?

    /// True when the loss is news.
    mutating func lost(at time: Duration) -> Bool {
        guard lostSince == nil else { return false }
        lostSince = time
        return true
    }

    /// For how long it had been lost; nil when nothing of this is news.
    mutating func following(_ mode: EngineMode, at time: Duration) -> Duration? {
        defer { (self.mode, lostSince) = (mode, nil) }
        guard lostSince != nil || self.mode != mode else { return nil }
        return lostSince.map { time - $0 } ?? .zero
    }
}
