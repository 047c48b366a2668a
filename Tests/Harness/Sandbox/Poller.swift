import Ports

/// Awaits conditions of the outside world, to which nobody else would call our attention.
struct Poller: Sendable {
    let clock: any Clock
    var interval: Duration = .milliseconds(20)

    /// Returns as soon as `condition` holds; it is asked again and again.
    func until(
        _ what: String,
        limit: Duration,
        _ condition: () async -> Bool
    ) async throws(SandboxError) {
        let deadline = clock.uptime + limit
        while !(await condition()) {
            guard clock.uptime < deadline else { throw .tooSlow(what, seconds: limit.components.seconds) }
            do {
                try await clock.sleep(for: interval)
            } catch {
                throw .cancelled
            }
        }
    }
}
