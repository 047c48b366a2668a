public struct SlackSettings: Sendable, Hashable, Codable {
    /// Between two messages to one channel; Slack's own is about a second, with bursts let through.
    public var gap: Duration
    /// Before every answer.
    public var latency: Duration

    public init(gap: Duration = .zero, latency: Duration = .zero) {
        (self.gap, self.latency) = (gap, latency)
    }
}
