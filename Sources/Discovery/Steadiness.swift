import Docker

/// Believes a change of the engine's part only after it has stood for a while.
///
/// A manager that is shutting down answers for some seconds as if it had never been in a Swarm, with no services; one
/// without a quorum may forget its cluster. Either would look as if nobody desired anything any more.
struct Steadiness: Sendable {
    static let patience: Duration = .seconds(60)

    private var believed: EngineMode?
    private var candidate: (mode: EngineMode, since: Duration)?

    /// Nil when `mode` is believed; else why it is not yet.
    mutating func doubt(_ mode: EngineMode, at now: Duration) -> String? {
        guard let known = believed, known != mode else {
            (believed, candidate) = (mode, nil)
            return nil
        }
        guard let earlier = candidate, earlier.mode == mode else {
            candidate = (mode, now)
            return Self.reason(known, mode)
        }
        guard now - earlier.since >= Self.patience else { return Self.reason(known, mode) }
        (believed, candidate) = (mode, nil)
        return nil
    }

    private static func reason(_ old: EngineMode, _ new: EngineMode) -> String {
        "the engine was a \(old) and now says it is a \(new), as one does that shuts down; that is believed once it has stood for a minute"
    }
}
