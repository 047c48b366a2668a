public import DNS
public import Model

/// Waits until DNS shows what a provider was told to publish.
public protocol PropagationWaiting: Sendable {
    /// Returns as soon as every authoritative server of `zone` shows all `values` among the TXT records at `name`.
    func wait(for values: Set<String>, at name: String, zone: Zone, limit: Duration, scope: Scope) async
        -> PropagationResult
}

public enum PropagationResult: Hashable, Sendable {
    case visible
    /// These servers answered, and not with all the values, until the time was up.
    case absent(atServers: [DNSServer])
    /// No authoritative server could be asked.
    case unreachable
}
