/// How the emulated API behaves beyond its rules.
public struct CloudflareSettings: Sendable, Hashable, Codable {
    /// Before every answer.
    public var latency: Duration
    /// Between a change and its being seen in DNS.
    public var propagation: Duration
    public var rate: CloudflareRate

    public init(latency: Duration = .zero, propagation: Duration = .zero, rate: CloudflareRate = CloudflareRate()) {
        (self.latency, self.propagation, self.rate) = (latency, propagation, rate)
    }
}
