/// How the emulated API behaves beyond its rules.
package struct CloudflareSettings: Sendable, Hashable, Codable {
    /// Before every answer.
    package var latency: Duration
    /// Between a change and its being seen in DNS.
    package var propagation: Duration
    package var rate: CloudflareRate

    package init(latency: Duration = .zero, propagation: Duration = .zero, rate: CloudflareRate = CloudflareRate()) {
        (self.latency, self.propagation, self.rate) = (latency, propagation, rate)
    }
}
