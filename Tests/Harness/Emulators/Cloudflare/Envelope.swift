import HTTPServer

/// What every answer of the API comes in.
struct Envelope<Result: Encodable>: Encodable {
    struct Problem: Encodable {
        let code: Int
        let message: String
        let errorChain: [APIError.Cause]?

        private enum CodingKeys: String, CodingKey {
            case code, message
            case errorChain = "error_chain"
        }
    }

    struct Page: Encodable {
        let page: Int
        let perPage: Int
        let count: Int
        let totalCount: Int
        let totalPages: Int

        private enum CodingKeys: String, CodingKey {
            case page, count
            case perPage = "per_page"
            case totalCount = "total_count"
            case totalPages = "total_pages"
        }
    }

    let success: Bool
    let errors: [Problem]
    let messages: [Problem]
    let result: Result?
    let page: Page?

    private enum CodingKeys: String, CodingKey {
        case success, errors, messages, result
        case page = "result_info"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(success, forKey: .success)
        try container.encode(errors, forKey: .errors)
        try container.encode(messages, forKey: .messages)
        // Failures say `"result": null` outright.
        try container.encode(result, forKey: .result)
        try container.encodeIfPresent(page, forKey: .page)
    }
}

extension ServerResponse {
    static func cloudflare(_ result: some Encodable, message: (code: Int, text: String)? = nil) -> ServerResponse {
        .json(
            Envelope(
                success: true,
                errors: [],
                messages: message.map { [.init(code: $0.code, message: $0.text, errorChain: nil)] } ?? [],
                result: result,
                page: nil
            )
        )
    }

    /// One page of `all`, and its position among them. A page past the end is empty, not an error.
    static func cloudflare<Item: Encodable>(_ all: [Item], _ paging: Paging, _ fault: PageFault?) -> ServerResponse {
        let shown = fault == .repeated ? 1 : paging.page
        var items = all.dropFirst((shown - 1) * paging.perPage).prefix(paging.perPage)
        var (count, pages) = (all.count, (all.count + paging.perPage - 1) / paging.perPage)
        let whole = items.count
        switch fault {
        case .short(let missing): items = items.dropLast(missing)
        case .totals(let otherCount, let otherPages): (count, pages) = (otherCount, otherPages)
        case .repeated, nil: break
        }
        let info = Envelope<[Item]>.Page(
            page: paging.page,
            perPage: paging.perPage,
            count: whole,
            totalCount: count,
            totalPages: pages
        )
        return .json(Envelope(success: true, errors: [], messages: [], result: Array(items), page: info))
    }

    static func cloudflare(_ error: APIError) -> ServerResponse {
        let chain = error.chain.isEmpty ? nil : error.chain
        let problem = Envelope<String>.Problem(code: error.code, message: error.message, errorChain: chain)
        let envelope = Envelope<String>(success: false, errors: [problem], messages: [], result: nil, page: nil)
        return .json(envelope, status: error.status)
    }
}
