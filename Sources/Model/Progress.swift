/// The progress of a run, for a live line per host on a terminal.
public struct Progress: Sendable {
    public enum Stage: String, Sendable { case discover, address, record, certificate, signal, notify }

    public enum State: Sendable {
        case started
        /// What is about to be done.
        case planned(Outcome)
        case step(String)
        case ended(Outcome)
    }

    public let stage: Stage
    /// A host, a lineage or a container.
    public let subject: String
    public let state: State

    public init(_ stage: Stage, _ subject: String, _ state: State) {
        (self.stage, self.subject, self.state) = (stage, subject, state)
    }
}

public typealias ProgressHandler = @Sendable (Progress) -> Void
