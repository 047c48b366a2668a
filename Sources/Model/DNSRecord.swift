/// A record as a provider holds it.
public struct DNSRecord: Hashable, Sendable {
    public enum Kind: String, Sendable, Codable { case a = "A", aaaa = "AAAA", cname = "CNAME", txt = "TXT" }

    /// The provider's own key for it, where it has one.
    public let id: String?
    public let name: DomainName
    public let kind: Kind
    public let content: String
    /// Seconds; nil leaves the choice to the provider.
    public let ttl: Int?
    public let proxied: Bool?
    public let comment: String?

    public init(
        id: String? = nil,
        name: DomainName,
        kind: Kind,
        content: String,
        ttl: Int? = nil,
        proxied: Bool? = nil,
        comment: String? = nil
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.content = content
        self.ttl = ttl
        self.proxied = proxied
        self.comment = comment
    }
}

extension DNSRecord {
    /// `A 198.51.100.7`
    public var summary: String { "\(kind.rawValue) \(sanitized(content, limit: 100))" }
}
