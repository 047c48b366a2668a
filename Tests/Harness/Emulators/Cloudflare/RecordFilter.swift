/// The query of `GET /zones/Z/dns_records`.
struct RecordFilter {
    private let query: [String: String]

    init(_ query: [String: String]) { self.query = query }

    /// The name asked for, if one is.
    var name: String? { (query["name"] ?? query["name.exact"])?.lowercased() }

    func matches(_ record: CloudflareRecord) -> Bool {
        if let name, name != record.name { return false }
        if let type = query["type"], type.uppercased() != record.type { return false }
        if let content = query["content"] ?? query["content.exact"],
            Self.unquoted(content) != Self.unquoted(record.content)
        {
            return false
        }
        return true
    }

    /// TXT is found with and without the quotes of its presentation form.
    private static func unquoted(_ text: String) -> Substring {
        text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"") ? text.dropFirst().dropLast() : text[...]
    }
}

/// `page` and `per_page`, brought into the range that the API has.
struct Paging {
    let page: Int
    let perPage: Int

    init(_ query: [String: String], standard: Int, limit: Int) {
        page = min(max(query["page"].flatMap(Int.init) ?? 1, 1), 1_000_000)
        perPage = min(max(query["per_page"].flatMap(Int.init) ?? standard, 1), limit)
    }
}
