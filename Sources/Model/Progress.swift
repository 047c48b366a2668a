/// The progress of a run, for a live line per host on a terminal.
package struct Progress: Sendable {
    package enum Stage: String, Sendable { case discover, address, record, certificate, signal, notify }

    package enum State: Sendable {
        case started
        /// What is about to be done.
        case planned(Outcome)
        case step(String)
        case ended(Outcome)
    }

    package let stage: Stage
    /// A host, a lineage or a container.
    package let subject: String
    package let state: State

    package init(_ stage: Stage, _ subject: String, _ state: State) {
        (self.stage, self.subject, self.state) = (stage, subject, state)
    }
}

package typealias ProgressHandler = @Sendable (Progress) -> Void
