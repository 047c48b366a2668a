/// How the emulated API behaves beyond its rules.
package struct CloudflareSettings: Sendable, Hashable, Codable {
    /// Before every answer.
    package var latency: Duration
    /// Between a change and its being seen in DNS.
    package var propagation: Duration
    package var rate: CloudflareRate
    /// The address that the clients come from, where the tokens' IP filter does not let it in.
    package var filteredLocation: String?

    package init(latency: Duration = .zero, propagation: Duration = .zero, rate: CloudflareRate = CloudflareRate()) {
        (self.latency, self.propagation, self.rate) = (latency, propagation, rate)
    }
}
