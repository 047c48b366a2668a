/// A record as a client sends it: what it leaves out differs from what it sets to null.
package struct RecordDraft: Sendable, Hashable {
    package var id: String?
    package var name: String?
    package var type: String?
    package var content: String?
    package var ttl: Int?
    package var proxied: Bool?
    /// An empty one removes the comment.
    package var comment: String?
    package var tags: [String]?

    package init(
        id: String? = nil,
        name: String? = nil,
        type: String? = nil,
        content: String? = nil,
        ttl: Int? = nil,
        proxied: Bool? = nil,
        comment: String? = nil,
        tags: [String]? = nil
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.content = content
        self.ttl = ttl
        self.proxied = proxied
        self.comment = comment
        self.tags = tags
    }

    /// The record that this makes of `old`: what is left out stays as it was.
    func patching(_ old: CloudflareRecord, in zone: CloudflareZone, at time: String) -> CloudflareRecord {
        var record = old
        record.name = name.map { zone.fullName(of: $0) } ?? old.name
        record.type = type ?? old.type
        record.content = content ?? old.content
        record.ttl = ttl ?? old.ttl
        record.proxied = proxied ?? old.proxied
        record.comment = (comment ?? old.comment).flatMap { $0.isEmpty ? nil : $0 }
        record.tags = tags ?? old.tags
        record.modified = time
        return record
    }

    /// The record that this is on its own: what is left out gets its default.
    func record(
        id: String,
        in zone: CloudflareZone,
        created: String,
        at time: String
    ) throws(APIError) -> CloudflareRecord {
        guard name != nil, type != nil, content != nil else { throw .invalidBody }
        let blank = CloudflareRecord(
            id: id,
            name: "",
            type: "",
            content: "",
            ttl: 1,
            proxied: false,
            comment: nil,
            tags: [],
            created: created,
            modified: time
        )
        return patching(blank, in: zone, at: time)
    }
}

extension RecordDraft: Codable {
    private enum CodingKeys: String, CodingKey { case id, name, type, content, ttl, proxied, comment, tags }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decodeIfPresent(String.self, forKey: .id)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        type = try container.decodeIfPresent(String.self, forKey: .type)
        content = try container.decodeIfPresent(String.self, forKey: .content)
        ttl = try container.decodeIfPresent(Int.self, forKey: .ttl)
        proxied = try container.decodeIfPresent(Bool.self, forKey: .proxied)
        // `"comment": null` removes it.
        comment = container.contains(.comment) ? try container.decode(String?.self, forKey: .comment) ?? "" : nil
        tags = try container.decodeIfPresent([String].self, forKey: .tags)
    }
}

extension CloudflareZone {
    /// `@` is the zone, and a name outside the zone is taken for one below it.
    func fullName(of text: String) -> String {
        var text = text.lowercased()
        if text.hasSuffix(".") { text.removeLast() }
        if text == "@" || text == name || text.isEmpty { return name }
        return text.hasSuffix("." + name) ? text : text + "." + name
    }
}
