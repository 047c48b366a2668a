import Model
import Threads

/// All items of a list, or none: a page that is missing must not look like items that are.
extension CloudflareAPI {
    /// More than one run needs; a server that never ends must not fill the memory.
    private static let mostPages = 200
    /// Of one list, at a time.
    private static let width = 4
    /// How often a list is read until two readings agree.
    private static let readings = 4

    /// Several pages are not read at one moment: meanwhile an item can move from a later page to one that was read before, and
    /// a newer item can hide that from the total. Therefore two readings must agree.
    func list<Item: Decodable & Sendable & Identifiable>(
        _ path: String,
        perPage: Int,
        _ purpose: RequestWindow.Purpose = .reading,
        for scope: Scope
    ) async throws(CloudflareError) -> [Item] where Item.ID == String {
        let request = PageRequest(path: path, perPage: perPage, purpose: purpose, scope: scope)
        var last: [String]?
        for _ in 0..<Self.readings {
            let first: CloudflareEnvelope<[Item]> = try await page(1, of: request)
            let total = try total(of: first)
            guard total > first.result.count else {
                guard let items = whole(first.result, total) else { continue }
                return items
            }
            guard let items = try await furtherPages(of: request, after: first, total: total) else { continue }
            let identifiers = items.map(\.id)
            if identifiers == last { return items }
            last = identifiers
        }
        throw .unavailable("the list changed while its pages were read", retryAfter: nil)
    }

    /// Nil when the pages do not add up.
    private func furtherPages<Item: Decodable & Sendable & Identifiable>(
        of request: PageRequest,
        after first: CloudflareEnvelope<[Item]>,
        total: Int
    ) async throws(CloudflareError) -> [Item]? where Item.ID == String {
        // Fewer on a page than asked for is the API's right, if it says so.
        let size = min(request.perPage, first.pages?.size ?? request.perPage)
        guard size > 0, first.result.count == size else { return nil }
        let count = (total - 1) / size + 1
        guard count <= Self.mostPages else {
            throw .unavailable("the list has \(count) pages; at most \(Self.mostPages) are read", retryAfter: nil)
        }
        var items = first.result
        for start in stride(from: 2, through: count, by: Self.width) {
            let pages = await concurrentMap(Array(start...min(start + Self.width - 1, count)), atMost: Self.width) {
                number in
                await Result(of: { () async throws(CloudflareError) -> CloudflareEnvelope<[Item]> in
                    try await page(number, of: request)
                })
            }
            for page in pages {
                let page = try page.get()
                items += page.result
                guard try self.total(of: page) == total, items.count == total || page.result.count == size else {
                    return nil
                }
            }
        }
        return whole(items, total)
    }

    private func page<Item: Decodable & Sendable>(
        _ number: Int,
        of request: PageRequest
    ) async throws(CloudflareError) -> CloudflareEnvelope<[Item]> {
        let mark = request.path.contains("?") ? "&" : "?"
        let path = "\(request.path)\(mark)page=\(number)&per_page=\(request.perPage)"
        return try await get(path, request.purpose, for: request.scope)
    }

    func total<Item>(of page: CloudflareEnvelope<[Item]>) throws(CloudflareError) -> Int {
        guard let total = page.pages?.total else {
            throw .unavailable("the list does not say how long it is", retryAfter: nil)
        }
        return total
    }

    private func whole<Item: Identifiable>(_ items: [Item], _ total: Int) -> [Item]? where Item.ID == String {
        items.count == total && Set(items.map(\.id)).count == total ? items : nil
    }
}

private struct PageRequest: Sendable {
    let path: String
    let perPage: Int
    let purpose: RequestWindow.Purpose
    let scope: Scope
}
