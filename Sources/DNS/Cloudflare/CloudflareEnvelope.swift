/// The envelope of every answer: `{success, errors, messages, result, result_info}`.
enum CloudflareAnswer<Value: Decodable & Sendable>: Decodable {
    case success(CloudflareEnvelope<Value>)
    case failure([CloudflareMessage])

    private enum CodingKeys: String, CodingKey {
        case success, errors, result
        case pages = "result_info"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if try container.decode(Bool.self, forKey: .success) {
            self = .success(
                CloudflareEnvelope(
                    result: try container.decode(Value.self, forKey: .result),
                    pages: try container.decodeIfPresent(CloudflarePages.self, forKey: .pages)
                )
            )
        } else {
            self = .failure(try container.decodeIfPresent([CloudflareMessage].self, forKey: .errors) ?? [])
        }
    }
}

struct CloudflareEnvelope<Value: Decodable & Sendable>: Sendable {
    let result: Value
    let pages: CloudflarePages?
}

struct CloudflarePages: Decodable, Sendable {
    /// Of items on all pages.
    let total: Int
    /// Items on a page that is full.
    let size: Int?

    private enum CodingKeys: String, CodingKey {
        case total = "total_count"
        case size = "per_page"
    }
}

struct CloudflareMessage: Decodable, Hashable, Sendable {
    let code: Int
    let message: String
    /// What lies behind it, e.g. which field is wrong.
    let chain: [CloudflareMessage]?

    private enum CodingKeys: String, CodingKey {
        case code, message
        case chain = "error_chain"
    }
}
