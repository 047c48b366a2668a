/// A record as a provider holds it.
package struct DNSRecord: Hashable, Sendable {
    package enum Kind: String, Sendable, Codable {
        case a = "A", aaaa = "AAAA", cname = "CNAME", txt = "TXT", ns = "NS"

        /// Whether a host can have it: an address or an alias.
        package var isOfHosts: Bool {
            switch self {
            case .a, .aaaa, .cname: true
            case .txt, .ns: false
            }
        }
    }

    /// The provider's own key for it, where it has one.
    package let id: String?
    package let name: DomainName
    package let kind: Kind
    package let content: String
    /// Seconds; nil leaves the choice to the provider.
    package let ttl: Int?
    package let proxied: Bool?
    package let comment: String?
    /// What manages it, where that is a product of the provider and not its DNS: "a Cloudflare Worker".
    package let managedBy: String?

    package init(
        id: String? = nil,
        name: DomainName,
        kind: Kind,
        content: String,
        ttl: Int? = nil,
        proxied: Bool? = nil,
        comment: String? = nil,
        managedBy: String? = nil
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.content = content
        self.ttl = ttl
        self.proxied = proxied
        self.comment = comment
        self.managedBy = managedBy
    }
}

extension DNSRecord {
    /// `A 198.51.100.7`
    package var summary: String { "\(kind.rawValue) \(sanitized(content, limit: 100))" }
}
