package struct SlackSettings: Sendable, Hashable, Codable {
    /// Between two messages to one channel; Slack's own is about a second, with bursts let through.
    package var gap: Duration
    /// Before every answer.
    package var latency: Duration

    package init(gap: Duration = .zero, latency: Duration = .zero) { (self.gap, self.latency) = (gap, latency) }
}
