public import Model

/// What the labels of all services (or containers, on a plain engine) ask for.
public struct Discovered: Sendable, Equatable {
    /// Sorted by name, then by origin; a name appears once per origin that asks for it.
    public let hosts: [DesiredHost]
    public let refusals: [Refusal]
    /// Labels in a place where they do nothing, each a sentence that names the right place.
    public let hints: [String]

    public init(hosts: [DesiredHost], refusals: [Refusal] = [], hints: [String] = []) {
        (self.hosts, self.refusals, self.hints) = (hosts, refusals, hints)
    }
}
