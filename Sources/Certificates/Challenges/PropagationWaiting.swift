public import DNS
public import Model

/// Waits until DNS shows what a provider was told to publish.
public protocol PropagationWaiting: Sendable {
    /// Returns as soon as every authoritative server of `zone` shows all `values` among the TXT records at `name`.
    func wait(for values: Set<String>, at name: String, zone: Zone, limit: Duration, scope: Scope) async
        -> PropagationResult
    /// What `name`, in `zone`, is an alias of; nil where it is none.
    func alias(of name: String, zone: Zone, scope: Scope) async -> String?
}

extension Propagation: PropagationWaiting {}
