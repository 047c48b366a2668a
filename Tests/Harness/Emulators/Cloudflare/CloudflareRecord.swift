/// A record as the emulated account holds it.
package struct CloudflareRecord: Sendable, Hashable {
    /// 32 hexadecimal digits.
    package let id: String
    /// Full, lower case.
    package internal(set) var name: String
    /// `A`, `AAAA`, `CNAME`, `TXT`, …
    package internal(set) var type: String
    package internal(set) var content: String
    /// Seconds; 1 is "automatic".
    package internal(set) var ttl: Int
    package internal(set) var proxied: Bool
    package internal(set) var comment: String?
    package internal(set) var tags: [String]
    /// ISO 8601.
    package let created: String
    package internal(set) var modified: String
    /// Whether another product of Cloudflare's made it: then it is changed there and nowhere else.
    package internal(set) var isReadOnly = false

    var isProxiable: Bool { ["A", "AAAA", "CNAME"].contains(type) }

    /// Whether a second record with these three is refused.
    func isSame(as other: CloudflareRecord) -> Bool {
        name == other.name && type == other.type && content == other.content
    }

    func hasSameOptions(as other: CloudflareRecord) -> Bool {
        ttl == other.ttl && proxied == other.proxied && comment == other.comment
    }
}

extension CloudflareRecord: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, name, type, content, ttl, proxied, proxiable, comment, tags, meta, settings
        case created = "created_on"
        case modified = "modified_on"
    }

    private struct Meta: Codable {
        let isReadOnly: Bool?
        enum CodingKeys: String, CodingKey { case isReadOnly = "read_only" }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        name = try container.decode(String.self, forKey: .name)
        type = try container.decode(String.self, forKey: .type)
        content = try container.decode(String.self, forKey: .content)
        ttl = try container.decode(Int.self, forKey: .ttl)
        proxied = try container.decode(Bool.self, forKey: .proxied)
        comment = try container.decodeIfPresent(String.self, forKey: .comment)
        tags = try container.decode([String].self, forKey: .tags)
        created = try container.decode(String.self, forKey: .created)
        modified = try container.decode(String.self, forKey: .modified)
        isReadOnly = try container.decode(Meta.self, forKey: .meta).isReadOnly ?? false
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(type, forKey: .type)
        try container.encode(content, forKey: .content)
        try container.encode(ttl, forKey: .ttl)
        try container.encode(proxied, forKey: .proxied)
        try container.encode(isProxiable, forKey: .proxiable)
        try container.encode(comment, forKey: .comment)
        try container.encode(tags, forKey: .tags)
        try container.encode(Meta(isReadOnly: isReadOnly ? true : nil), forKey: .meta)
        try container.encode([String: String](), forKey: .settings)
        try container.encode(created, forKey: .created)
        try container.encode(modified, forKey: .modified)
    }
}
