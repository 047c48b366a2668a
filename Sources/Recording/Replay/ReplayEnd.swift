public import Model

/// Where a replay is to end early.
public enum ReplayEnd: Sendable {
    case after(Duration)
    case at(Timestamp)

    /// How long after the beginning that is.
    func elapsed(since beginning: Timestamp) -> Duration {
        switch self {
        case .after(let duration): duration
        case .at(let time): time - beginning
        }
    }
}
